// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The report that a student reads on a terminal.
 */
#pragma once

#include <string>

#include "judge/preview.h"
#include "judge/verdict.h"

namespace klass::report {

/** How a text report looks. */
struct TextStyle {
    bool colour = false;      ///< ANSI colours
    bool unicode = true;      ///< tick and cross; else plus and x
    unsigned width = 80;      ///< columns of the terminal; less than 60 counts as 60
    bool list_passed = true;  ///< false when a LiveReport has shown the passed checks already;
                              ///< those with figures are shown all the same
    bool points = true;       ///< false in a preview, which gives none
};

/**
 * The whole verdict: what was graded; why the build failed; each check on a line, a failed one with
 * what was done, expected and got, where, a hint, the book's section and the command that replays
 * it; the tables of any check; score, outcome, seed and time. Of hidden checks only title and
 * points. The text is safe to print whatever the guest or the submission put into it.
 */
std::string text_report(const judge::Verdict &verdict, const TextStyle &style);

/** What is to be said of a build: why it failed, or its warnings; empty when it went well. */
std::string build_text(const judge::BuildSummary &build, const TextStyle &style);

/** What a student reads before the checks of a preview: what it is, and what it is not. */
std::string preview_heading(const TextStyle &style);

/**
 * A preview behind its live lines: why the build failed; each red check with all that there is to
 * know of it, as in text_report(); what was not shown, and what it needs. The last words say that
 * nothing of it is a verdict, whatever its colour.
 */
std::string preview_text(const judge::Preview &preview, TextStyle style);

}  // namespace klass::report
