// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief GitHub's annotations: workflow commands that a job prints, and GitHub shows at the line.
 *
 * https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */
#pragma once

#include <string>
#include <string_view>

#include "judge/verdict.h"

namespace klass::report {

/** A command's message, escaped as GitHub's toolkit does it: percent sign and line ends. */
std::string github_message(std::string_view text);
/** A command's property: colon and comma, too. */
std::string github_property(std::string_view text);

/** One message about a submission in @p folder, with more lines below its own. */
std::string github_annotation(const kernel::Diagnostic &diagnostic, const std::string &folder,
                              const std::string &more = {});

/**
 * An annotation for each message of the compiler, each check that lost points, at the student's
 * line if it crashed, and one for the whole. That the grader failed is a warning, not an error.
 */
std::string github_report(const judge::Verdict &verdict);

}  // namespace klass::report
