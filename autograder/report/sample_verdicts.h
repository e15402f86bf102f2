// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Verdicts that the tests of the formats share: one for each outcome.
 */
#pragma once

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
/** Every text holds bytes that are no UTF-8, and escape sequences: from a guest that means harm. */
judge::Verdict hostile();

struct Sample {
    std::string name;
    judge::Verdict verdict;
};
std::vector<Sample> all();

}  // namespace klass::report::samples
