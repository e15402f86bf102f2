// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Verdicts that the tests of the formats share: one for each outcome.
 */
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "judge/verdict.h"

namespace klass::report::samples {

judge::Verdict accepted();
/** Checks of every status: failed, timeout, crashed, skipped, hidden; and a warning of the build.
 */
judge::Verdict partial();
judge::Verdict build_error();
judge::Verdict judge_error();
/**
 * Texts hold bytes that are no UTF-8, escape sequences, markup, and lines of other formats: from a
 * guest that means harm.
 */
judge::Verdict hostile();

struct Sample {
    std::string name;
    judge::Verdict verdict;
};
/** GoogleTest names a failing test's parameter by it. */
std::ostream &operator<<(std::ostream &out, const Sample &sample);
std::vector<Sample> all();

}  // namespace klass::report::samples
