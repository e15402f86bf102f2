// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief SARIF 2.1.0, the exchange format of static analysis, which editors and GitHub show at the
 * line: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "judge/verdict.h"
#include "kernel/advice.h"

namespace klass::report {

/**
 * A result for each message of the compiler, and for each kernel report at the student's line,
 * with its stacks. Paths are relative to the submission. That the grader failed is a notification
 * of an execution without success, and no result.
 */
nlohmann::ordered_json sarif_log(const judge::Verdict &verdict);

/** The same of `klass lint`: a result for each remark, whose rule says what it means. */
nlohmann::ordered_json sarif_log(const std::vector<kernel::Advice> &advice,
                                 const std::string &stage);

/** The first as bytes. */
std::string sarif_report(const judge::Verdict &verdict);

}  // namespace klass::report
