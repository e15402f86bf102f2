// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The report that a student reads on a terminal.
 */
#pragma once

#include <string>

#include "judge/verdict.h"

namespace klass::report {

/** How a text report looks. */
struct TextStyle {
    bool colour = false;      ///< ANSI colours
    bool unicode = true;      ///< tick and cross; else plus and x
    unsigned width = 80;      ///< columns of the terminal; less than 60 counts as 60
    bool list_passed = true;  ///< false when a LiveReport has shown the passed checks already;
                              ///< those with figures are shown all the same
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

}  // namespace klass::report
