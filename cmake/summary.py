#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What came of a ctest run, by label: summary.py BUILD_FOLDER RESULTS.xml

ctest's JUnit file has no labels, and its list of tests has no results: this
joins the two. Of each test that was skipped it says why. The last line is
`N passed, N failed, N skipped`.
"""
import json
import re
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


def reason(case):
    """Of a skipped test: what GTEST_SKIP was told, else the last line that the test wrote."""
    output = case.findtext("system-out", "")
    told = re.findall(r": Skipped\n(.+?)\n\s*(?:\n|\[  SKIPPED)", output, re.DOTALL)
    told = told or output.strip().split("\n")[-1:]
    return "; ".join(dict.fromkeys(" ".join(text.split()) for text in told))


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


def summary(labels, results):
    """The lines of it. labels: of each test, by its name; results: a file or its name."""
    skipped, total, by_label = [], Counter(), defaultdict(Counter)
    for case in xml.parse(results).getroot().iter("testcase"):
        kind = outcome(case)
        total[kind] += 1
        if kind == SKIPPED:
            skipped.append(f"skipped {case.get('name')}: {reason(case)}")
        for label in labels.get(case.get("name"), ["other"]):
            by_label[label][kind] += 1
    counts = [f"{label:10} {line(by_label[label])}" for label in sorted(by_label)]
    return [*skipped, *counts, line(total)]


if __name__ == "__main__":
    build, results = sys.argv[1:]
    print("", *summary(labels_by_test(build), results), sep="\n")
