// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief How the HTML report looks.
 */
#pragma once

#include <string_view>

namespace klass::report {

/**
 * The page's style sheet. The colours of curves differ in lightness too, so that they can be told
 * apart in grey and by eyes that see fewer colours.
 */
inline constexpr std::string_view html_style = R"css(
:root {
  color-scheme: light dark;
  --paper: #fdfcf9; --ink: #1f1d1a; --soft: #6a655d; --rule: #dcd7cc; --shade: #f4f1ea;
  --good: #2c6e49; --bad: #a8321f; --odd: #8a5a00;
  --c1: #1b4f8f; --c2: #c25a14; --c3: #3d8f5f; --c4: #8e3b77; --c5: #8a7a1c; --c6: #4d4d4d;
  --serif: Charter, "Bitstream Charter", "Sitka Text", Cambria, "Noto Serif", "DejaVu Serif", serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #191817; --ink: #e4e0d8; --soft: #a09a8f; --rule: #3a3733; --shade: #232120;
    --good: #7cc29a; --bad: #ef8a74; --odd: #e0b052;
    --c1: #86b3ee; --c2: #f0a05e; --c3: #79cf9c; --c4: #dc94c8; --c5: #e2d27a; --c6: #cfcfcf;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 47rem; padding: 3.5rem 1.5rem 4rem; background: var(--paper);
  color: var(--ink); font: 1.0625rem/1.55 var(--serif); font-variant-numeric: lining-nums;
}
h1, h2, h3, p, dl, dd, ol, ul, figure, pre, table { margin: 0; padding: 0; }
h1 { font-size: 2rem; line-height: 1.2; font-weight: 600; letter-spacing: -.01em; }
h2 { font-size: 1.3rem; line-height: 1.3; font-weight: 600; margin: 3.25rem 0 .9rem; }
h3 { font-size: 1.0625rem; line-height: 1.4; font-weight: 600; }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: .18em; }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--c1); outline-offset: 2px; }
code, pre, kbd { font-family: var(--mono); font-size: .8125em; }
code { overflow-wrap: anywhere; }
pre {
  font-size: .78rem; line-height: 1.5; overflow-x: auto; background: var(--shade);
  padding: .7rem .9rem; border-radius: 3px; tab-size: 8;
}
.stage { color: var(--soft); font-family: var(--mono); font-size: .875rem; margin-bottom: .35rem; }
.outcome { margin-top: 1.4rem; font-size: 1.25rem; line-height: 1.4; }
.outcome strong { font-weight: 600; }
.outcome .count { color: var(--soft); font-size: 1.0625rem; }
.bar { height: 6px; margin-top: .7rem; background: var(--rule); border-radius: 3px; }
.bar svg { display: block; width: 100%; height: 6px; border-radius: 3px; }
.bar rect { fill: var(--good); }
.note { margin-top: 1rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .odd { color: var(--odd); }
.quiet { color: var(--soft); }
.facts {
  list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin-top: 1.5rem; padding-top: .9rem;
  border-top: 1px solid var(--rule); color: var(--soft); font-size: .9375rem;
}
.facts span { color: var(--ink); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: lining-nums tabular-nums; }
.checks { width: 100%; }
.checks td { padding: .32rem 0; vertical-align: baseline; border-bottom: 1px solid var(--rule); }
.checks tr:first-child td { border-top: 1px solid var(--rule); }
.checks details { margin: 0; }
.checks summary { list-style: none; color: inherit; font-size: inherit; }
.checks summary::-webkit-details-marker { display: none; }
.checks summary::after { content: " \25B8"; color: var(--soft); }
.checks details[open] > summary::after { content: " \25BE"; }
.checks details details summary { font-size: .9375rem; }
.checks .mark { width: 1.6rem; font-family: var(--mono); font-weight: 700; }
.checks .word, .checks .points, .checks .time {
  text-align: right; white-space: nowrap; padding-left: 1.1rem; font-size: .9375rem;
}
.checks .time { color: var(--soft); }
.check { margin-top: 2.6rem; padding-top: 1.1rem; border-top: 1px solid var(--rule); }
h2 + .check { margin-top: 0; }
.check header { display: flex; justify-content: space-between; gap: 1.5rem; align-items: baseline; }
.check header p { white-space: nowrap; font-variant-numeric: lining-nums tabular-nums; }
.check .status { margin-bottom: 1rem; font-size: .9375rem; }
.story { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); gap: .7rem 1rem;
  align-items: baseline; }
.story dt { color: var(--soft); font-size: .9375rem; }
.story dd > * + * { margin-top: .5rem; }
ol { list-style: none; }
li { overflow-wrap: anywhere; }
ol li { font-family: var(--mono); font-size: .8125rem; line-height: 1.65; overflow-wrap: anywhere; }
.story .where { font-family: var(--mono); font-size: .8125rem; overflow-wrap: anywhere; }
.story .where.first { font-weight: 700; }
.story .where + pre { margin-top: .25rem; }
.hint { font-style: italic; }
details { margin-top: .9rem; }
dd > details:first-child { margin-top: 0; }
summary { cursor: pointer; color: var(--soft); font-size: .9375rem; }
details > * + * { margin-top: .6rem; }
.frames td, .frames th, .figures td, .figures th { padding: .18rem 0 .18rem 1.5rem; }
.frames th, .figures th { font-weight: normal; color: var(--soft); font-size: .9375rem; }
.frames td:first-child, .frames th:first-child { padding-left: 0; }
.frames th { text-align: left; }
.frames { font-size: .9375rem; }
.frames td { font-family: var(--mono); font-size: .8125rem; vertical-align: baseline; }
.figures { margin-top: .6rem; font-size: .9375rem; }
.story + .scroll, .story + .figures { margin-top: 1.3rem; }
.figures th, .figures td { text-align: right; white-space: nowrap; }
.figures thead th { border-bottom: 1px solid var(--rule); vertical-align: bottom; white-space: normal; }
.figures th[scope=row] { text-align: left; }
.figures th:first-child, .figures td:first-child { padding-left: 0; }
figure { margin-top: 1.4rem; }
figcaption { font-size: 1rem; font-style: italic; margin-bottom: .5rem; }
.plot { display: block; width: 100%; min-width: 34rem; height: auto; }
.plot text { font: 13px var(--serif); font-variant-numeric: lining-nums tabular-nums; fill: var(--soft); }
.plot .grid { stroke: var(--rule); stroke-width: 1; }
.plot .axis { stroke: var(--soft); stroke-width: 1; }
.plot .line { fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linejoin: round; }
.plot .mark { fill: currentColor; stroke: currentColor; stroke-width: 1; }
.plot .curve text { fill: currentColor; }
.picture { display: block; width: 100%; max-width: 40rem; height: auto; margin-top: .6rem; }
.picture image { image-rendering: pixelated; }
.picture line { stroke: #3cdc3c; }
.picture circle { fill: none; stroke: #e62828; }
.picture text { font-family: var(--serif); fill: #fff; stroke: #000; paint-order: stroke; }
.curve-1 { color: var(--c1); } .curve-2 { color: var(--c2); } .curve-3 { color: var(--c3); }
.curve-4 { color: var(--c4); } .curve-5 { color: var(--c5); } .curve-6 { color: var(--c6); }
.curve-2 .line { stroke-dasharray: 7 3; } .curve-3 .line { stroke-dasharray: 2 3; }
.curve-4 .line { stroke-dasharray: 9 3 2 3; } .curve-5 .line { stroke-dasharray: 4 4; }
.curve-6 .line { stroke-dasharray: 1 4; }
.diagnostic { margin-top: 1.2rem; }
.diagnostic p { overflow-wrap: anywhere; }
.diagnostic pre { margin-top: .35rem; }
footer { margin-top: 4rem; padding-top: .9rem; border-top: 1px solid var(--rule); color: var(--soft);
  font-size: .9375rem; }
@media (max-width: 34rem) {
  body { padding: 2rem 1.1rem 3rem; font-size: 1rem; }
  h1 { font-size: 1.6rem; }
  .story { grid-template-columns: minmax(0, 1fr); gap: .1rem; }
  .story dd { margin-bottom: .8rem; }
  .checks .time { display: none; }
}
@media print {
  :root {
    --paper: #fff; --ink: #000; --soft: #555; --rule: #ccc; --shade: #f5f5f5;
    --good: #1d5a39; --bad: #8e2414; --odd: #6f4800;
    --c1: #1b4f8f; --c2: #b04e0c; --c3: #2f7d50; --c4: #7d2f68; --c5: #75660f; --c6: #333;
  }
  @page { margin: 20mm 18mm; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  h2, h3, header, figcaption { break-after: avoid; }
  figure, .diagnostic, .story dd > pre, .checks tr { break-inside: avoid; }
  pre { font-size: 8pt; white-space: pre-wrap; overflow-wrap: anywhere; }
  .plot { min-width: 0; }
  .scroll { overflow: visible; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  summary { list-style: none; }
  .checks summary::after { content: ""; }
  .checks details > :not(summary) { display: none; }
}
)css";

}  // namespace klass::report
