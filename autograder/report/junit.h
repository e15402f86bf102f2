// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief JUnit XML, which Jenkins, GitLab and others show as test results.
 *
 * The format has no standard; this keeps to what its readers agree on, written down in junit.xsd
 * beside this file after https://github.com/testmoapp/junitxml.
 */
#pragma once

#include <string>

#include "judge/verdict.h"

namespace klass::report {

/**
 * One suite for the stage: a test case for the build, and one for each check. A check that the
 * grader could not carry out is an `error`, one that the submission lost a `failure`.
 */
std::string junit_report(const judge::Verdict &verdict);

}  // namespace klass::report
