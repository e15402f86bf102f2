// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What every report says in the same words: how the grading ended, what a check came to.
 *
 * All texts are safe to show; those without "lines" in their description hold no line end.
 */
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "judge/verdict.h"

namespace klass::report {

/**
 * Text of the guest or the submission for a place where it has a line to itself: safe to print, and
 * without a line end, so that it cannot forge the report's next line.
 */
std::string one_line(std::string_view text);

/** "5", "2.5", "33.33". */
std::string points_text(double points);

/** "build error". */
std::string words_of(judge::Outcome outcome);

/** "6 of 29.5 points"; empty for a judge_error, where points say nothing of the submission. */
std::string score_text(const judge::Verdict &verdict);

/** "partial: 6 of 29.5 points, 1 of 6 checks". */
std::string summary(const judge::Verdict &verdict);

/** Of a judge_error: that the grader failed, why, and that it costs nothing. */
std::string apology(const judge::Verdict &verdict);

/** Of a judge_error: what failed on our side, with the check where it is one's. */
std::string judge_failure(const judge::Verdict &verdict);

/** Why the build failed, in a sentence. */
std::string build_failure(const judge::BuildSummary &build);

/** "Of 2 hidden checks only the points are shown."; empty when there is none. */
std::string note_on_hidden(const judge::Verdict &verdict);

/** How many checks passed. */
std::size_t passed_checks(const judge::Verdict &verdict);

/** Whether the check lost points by the submission's own fault. */
bool is_failure(judge::Status status);

/**
 * What a check that did not pass came to: "expected EBUSY from the unload, but the module was
 * unloaded"; of a crash the kernel's own line; of a hidden check that it is hidden.
 */
std::string finding(const judge::CheckResult &check);

/** "chardev.c:57:17", as far as it is known. */
std::string place_of(const kernel::Diagnostic &diagnostic);

/** As a compiler says it, and an editor understands it: file:line:column: severity: message. */
std::string diagnostic_text(const kernel::Diagnostic &diagnostic);

/** The student's innermost frame on the stack that the report blames, else on any; or null. */
const kernel::Frame *students_frame(const judge::Crash &crash);

/** Repetitions in a row become one line that counts them. */
std::vector<std::string> counted(const std::vector<std::string> &all);

}  // namespace klass::report
