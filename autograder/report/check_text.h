// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Text of one check, shared by the text report and the live one.
 */
#pragma once

#include <string>
#include <string_view>

#include "judge/verdict.h"
#include "report/text.h"

namespace klass::report {

enum class Colour { none, bold, dim, green, red, yellow };

/** The text in a colour when the style has colours. */
std::string painted(std::string_view text, Colour colour, const TextStyle &style);

/** The style's width, or the least that the layout needs. */
std::size_t width_of(const TextStyle &style);

/** The mark before a check's line: a green tick, a red cross. */
std::string mark_text(judge::Status status, const TextStyle &style);

/** The check's line with mark, title, points and duration; a long title takes several lines. */
std::string check_line(const judge::CheckResult &check, const TextStyle &style);

/**
 * What a student needs to know of a check that lost points, and the figures of any check that
 * measured some; nothing of hidden ones.
 */
std::string check_details(const judge::CheckResult &check, const TextStyle &style);

/** What the kernel reported, what that means, and where in the student's source it was. */
std::string crash_details(const judge::Crash &crash, const TextStyle &style);

}  // namespace klass::report
