# SPDX-License-Identifier: Apache-2.0
"""The summary of a ctest run says of each test that was skipped why; CTest's words are 3.25's."""

import io
import unittest

from summary import summary

RESULTS = """<testsuite>
  <testcase name="good" status="run"><system-out></system-out></testcase>
  <testcase name="bad" status="fail"><failure message=""/><system-out></system-out></testcase>
  <testcase name="gone" status="notrun"><skipped message="Unable to find executable"/>
    <system-out>Unable to find executable: /gone</system-out></testcase>
  <testcase name="off" status="disabled"><system-out>Disabled</system-out></testcase>
  <testcase name="docker.grade" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>
    <system-out>failed to start daemon
No Docker Engine: dockerd did not start; its last words are above
</system-out></testcase>
  <testcase name="Disk.IsFull" status="notrun">
    <skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
    <system-out>[ RUN      ] Disk.IsFull
disk_test.cpp:197: Skipped
only root can mount
a file system

[  SKIPPED ] Disk.IsFull (0 ms)
[  PASSED  ] 0 tests.
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] Disk.IsFull
</system-out></testcase>
</testsuite>
"""


class Summary(unittest.TestCase):
    def test_counts_by_label_and_names_what_was_skipped(self):
        self.assertEqual(
            summary({"good": ["unit"], "Disk.IsFull": ["unit"]}, io.StringIO(RESULTS)),
            [
                "skipped off: Disabled",
                "skipped docker.grade: "
                "No Docker Engine: dockerd did not start; its last words are above",
                "skipped Disk.IsFull: only root can mount a file system",
                "other      0 passed, 2 failed, 2 skipped",
                "unit       1 passed, 0 failed, 1 skipped",
                "1 passed, 2 failed, 3 skipped",
            ],
        )


if __name__ == "__main__":
    unittest.main()
