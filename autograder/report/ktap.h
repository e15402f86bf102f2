// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief KTAP version 1, the kernel's own format of test results: Documentation/dev-tools/ktap.rst.
 */
#pragma once

#include <string>

#include "judge/verdict.h"

namespace klass::report {

/**
 * The stage as one test; the build and each check are its subtests, named by their ids. What a
 * check came to stands in diagnostic lines before its result. A check that the grader could not
 * carry out is a SKIP: with ERROR a line would have to say "not ok", and count as a failure.
 */
std::string ktap_report(const judge::Verdict &verdict);

}  // namespace klass::report
