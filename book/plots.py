#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plots of an HTML report as files of their own: plots.py REPORT.html NAME...

Writes each to NAME.svg, in the report's order. Of the report's style sheet a plot takes the
colours of the light theme, for it has a white ground in the book.
"""
import re
import sys
from pathlib import Path

report, *names = sys.argv[1:]
page = Path(report).read_text(encoding="utf-8")
style = re.search(r"<style>(.*?)</style>", page, re.DOTALL).group(1)
colours = re.search(r":root \{.*?\}", style, re.DOTALL).group(0).replace("light dark", "light")
rules = re.findall(r"^\.(?:plot|curve)\b.*\}$", style, re.MULTILINE)
plots = re.findall(r'<svg class="plot".*?</svg>', page, re.DOTALL)
if len(plots) != len(names):
    sys.exit(f"{report} has {len(plots)} plots, and not {len(names)}")
for name, plot in zip(names, plots):
    opening, rest = plot.split(">", 1)
    sheet = "\n".join(["<style>", colours, *rules, "</style>"])
    Path(f"{name}.svg").write_text(
        f'{opening} xmlns="http://www.w3.org/2000/svg">\n{sheet}{rest}\n', encoding="utf-8")
