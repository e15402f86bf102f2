# SPDX-License-Identifier: Apache-2.0
"""A reader of JUnit XML understands the golden files as the JSON reports have it.

junitparser is Debian's python3-junitparser.
"""

import json
import pathlib
import unittest

import junitparser

TESTDATA = pathlib.Path(__file__).parent / "testdata"
KIND_OF = {
    "passed": set(),
    "failed": {junitparser.Failure},
    "timeout": {junitparser.Failure},
    "crashed": {junitparser.Failure},
    "skipped": {junitparser.Skipped},
    "judge_error": {junitparser.Error},
}


class JunitConsumer(unittest.TestCase):
    def test_reads_what_became_of_each_check(self):
        reports = sorted(TESTDATA.glob("*.junit"))
        self.assertGreaterEqual(len(reports), 5)
        for report in reports:
            with self.subTest(report.name):
                expected = json.loads(report.with_suffix(".json").read_text())
                (suite,) = junitparser.JUnitXml.fromfile(str(report))
                build, *checks = suite
                self.assertEqual(build.classname, expected["stage"] + ".build")
                self.assertEqual(len(checks), len(expected["checks"]))
                for case, check in zip(checks, expected["checks"]):
                    self.assertEqual(case.classname, f"{expected['stage']}.{check['id']}")
                    self.assertEqual({type(each) for each in case.result}, KIND_OF[check["status"]])
                    self.assertAlmostEqual(case.time, check["duration_ms"] / 1000)


if __name__ == "__main__":
    unittest.main()
