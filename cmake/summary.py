#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What came of a ctest run, by label: summary.py BUILD_FOLDER RESULTS.xml

ctest's JUnit file has no labels, and its list of tests has no results: this
joins the two. The last line is `N passed, N failed, N skipped`.
"""
import json
import subprocess
import sys
import xml.etree.ElementTree as xml
from collections import Counter, defaultdict

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


def outcome(case):
    """ctest says `notrun` both of a test that skipped itself and of one whose program is missing."""
    if case.get("status") == "run":
        return PASSED
    skipped = case.find("skipped")
    if case.get("status") == "disabled" or (
        skipped is not None and skipped.get("message", "").startswith("SKIP_")
    ):
        return SKIPPED
    return FAILED


def labels_by_test(build):
    listing = subprocess.run(
        ["ctest", "--test-dir", build, "--show-only=json-v1"],
        check=True, stdout=subprocess.PIPE,
    ).stdout
    labels = {}
    for test in json.loads(listing)["tests"]:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        labels[test["name"]] = properties.get("LABELS") or ["other"]
    return labels


def line(counts):
    return ", ".join(f"{counts[kind]} {kind}" for kind in (PASSED, FAILED, SKIPPED))


def main(build, results):
    labels = labels_by_test(build)
    total, by_label = Counter(), defaultdict(Counter)
    for case in xml.parse(results).getroot().iter("testcase"):
        kind = outcome(case)
        total[kind] += 1
        for label in labels.get(case.get("name"), ["other"]):
            by_label[label][kind] += 1
    print()
    for label in sorted(by_label):
        print(f"{label:10} {line(by_label[label])}")
    print(line(total))


if __name__ == "__main__":
    main(*sys.argv[1:])
