# SPDX-License-Identifier: Apache-2.0
"""A browser shows the golden pages: light, dark and on paper: html_browser_test.py PICTURES

Pages are Debian's chromium's to render and Debian's tidy's to check, which finds nothing wrong with
them. What the browser made of them is kept in the folder PICTURES, to be looked at.
"""

import html
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

TESTDATA = pathlib.Path(__file__).parent / "testdata"
PAGES = sorted(TESTDATA.glob("*.html"))
PICTURES = pathlib.Path(sys.argv.pop(1)).resolve()
# Of Blink: what the reader's system prefers.
SCHEMES = {"dark": 0, "light": 1}


def first_pixel(png):
    """Red, green and blue of a picture's upper left corner."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n"), "no PNG came out"
    data, at = b"", 8
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at:at + 4]), png[at + 4:at + 8]
        if kind == b"IDAT":
            data += png[at + 8:at + 8 + length]
        at += 12 + length
    # The first row's filter predicts its first pixel from nothing.
    return tuple(zlib.decompress(data)[1:4])


class Browser(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def chromium(self, page, *options):
        """Its standard output; what a page says on the console is a failure."""
        # As root, chromium cannot have its sandbox.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        run = subprocess.run(
            ["chromium", "--headless", *sandbox, "--disable-gpu", "--hide-scrollbars",
             "--enable-logging=stderr", f"--user-data-dir={self.folder}/profile", *options,
             page.as_uri()],
            capture_output=True, text=True, timeout=240, check=True)
        self.assertNotRegex(run.stderr, "CONSOLE")
        return run.stdout

    def screenshot(self, page, scheme):
        file = PICTURES / f"{page.stem}-{scheme}.png"
        # Not that of an earlier run.
        file.unlink(missing_ok=True)
        self.chromium(page, f"--screenshot={file}", "--window-size=1000,1600",
                      f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}")
        return file.read_bytes()

    def test_console_of_a_bad_page_would_be_noticed(self):
        page = self.folder / "bad.html"
        page.write_text("<!DOCTYPE html><title>x</title><script>console.error('bad')</script>")
        with self.assertRaises(AssertionError):
            self.chromium(page, "--dump-dom")

    def test_pages_hold_what_the_json_reports_say(self):
        self.assertGreaterEqual(len(PAGES), 5)
        for page in PAGES:
            with self.subTest(page.name):
                report = json.loads(page.with_suffix(".json").read_text())
                dom = self.chromium(page, "--dump-dom")
                title = re.search("<title>(.*?)</title>", dom).group(1)
                self.assertTrue(title.startswith(report["stage"]), title)
                # A script of the submission's would have changed it.
                self.assertNotIn("forged", title)
                self.assertNotIn("<script", dom)
                text = html.unescape(re.sub("<[^>]*>", "", dom))
                self.assertIn(report["title"], text)
                for check in report["checks"]:
                    self.assertIn(check["title"].split("\n")[0], text)
                    for row in (row for table in check["tables"] for row in table["x"]):
                        self.assertIn(f"{row:,.0f}" if abs(row) < 1e15 else f"{row:.3g}", text)

    def test_pages_are_light_or_dark_as_the_reader_likes(self):
        for page in PAGES:
            with self.subTest(page.name):
                self.assertGreater(min(first_pixel(self.screenshot(page, "light"))), 220)
                self.assertLess(max(first_pixel(self.screenshot(page, "dark"))), 50)

    def test_pages_can_be_printed_with_what_is_folded(self):
        file = PICTURES / "partial.pdf"
        file.unlink(missing_ok=True)
        self.chromium(TESTDATA / "partial.html", f"--print-to-pdf={file}", "--no-pdf-header-footer")
        text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True,
                              check=True).stdout
        self.assertIn("A reader reaches the end", text)
        # This one is in the kernel's log, which is folded on the screen.
        self.assertIn("NMI backtrace for cpu 0", text)

    def test_pages_are_valid(self):
        for page in PAGES:
            with self.subTest(page.name):
                run = subprocess.run(["tidy", "-quiet", "-errors", page], capture_output=True,
                                     text=True, check=False)
                self.assertEqual((run.returncode, run.stderr), (0, ""))


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    unittest.main()
