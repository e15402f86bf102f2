# SPDX-License-Identifier: Apache-2.0
"""The kernel's own reader of KTAP, tools/testing/kunit/kunit_parser.py, understands the golden files.

ktap_consumer_test.py BUILD_FOLDER. The reader comes from the course's kernel source: unpacked in
the cache if Klass has built a kernel, else taken out of Debian's package (a minute, once).
"""

import json
import os
import pathlib
import subprocess
import sys
import unittest

TESTDATA = pathlib.Path(__file__).parent / "testdata"
KUNIT = "tools/testing/kunit"


def kunit_folder(build):
    """The folder that holds kunit_parser.py."""
    home = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    cache = pathlib.Path(os.environ.get("KLASS_CACHE") or home / "klass")
    for folder in sorted(cache.glob(f"source/*/{KUNIT}")):
        if (folder / "kunit_parser.py").exists():
            return folder
    unpacked = build / "kunit"
    if not (unpacked / KUNIT / "kunit_parser.py").exists():
        archive = sorted(pathlib.Path("/usr/src").glob("linux-source-*.tar.xz"))[-1]
        unpacked.mkdir(exist_ok=True)
        subprocess.run(
            ["tar", "-xJf", archive, "-C", unpacked, "--strip-components=1", "--wildcards",
             f"linux-source-*/{KUNIT}/*.py"],
            check=True)
    return unpacked / KUNIT


sys.path.insert(0, str(kunit_folder(pathlib.Path(sys.argv.pop(1)))))
import kunit_parser  # noqa: E402: found only now

KIND_OF = {
    "passed": kunit_parser.TestStatus.SUCCESS,
    "failed": kunit_parser.TestStatus.FAILURE,
    "timeout": kunit_parser.TestStatus.FAILURE,
    "crashed": kunit_parser.TestStatus.FAILURE,
    "skipped": kunit_parser.TestStatus.SKIPPED,
    "judge_error": kunit_parser.TestStatus.SKIPPED,
}


class KtapConsumer(unittest.TestCase):
    def test_reads_what_became_of_each_check(self):
        reports = sorted(TESTDATA.glob("*.ktap"))
        self.assertGreaterEqual(len(reports), 5)
        for report in reports:
            with self.subTest(report.name), report.open() as lines:
                expected = json.loads(report.with_suffix(".json").read_text())
                run = kunit_parser.parse_run_tests(kunit_parser.extract_tap_lines(lines))
                self.assertEqual(run.counts.errors, 0)
                (stage,) = run.subtests
                self.assertEqual(stage.name, expected["stage"])
                build, *checks = stage.subtests
                self.assertEqual(build.name, "build")
                self.assertEqual(
                    [(test.name, test.status) for test in checks],
                    [(check["id"], KIND_OF[check["status"]]) for check in expected["checks"]])
                self.assertEqual(stage.ok_status(),
                                 expected["verdict"] in ("accepted", "judge_error"))


if __name__ == "__main__":
    unittest.main()
