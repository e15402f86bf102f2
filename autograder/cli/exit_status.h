// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What a program of Klass says when its work ends in an exception, and its exit status then.
 */
#pragma once

#include <functional>
#include <string>

namespace klass::cli {

/**
 * Runs a program's work. Also makes SIGINT and SIGTERM interrupt it, and a closed pipe an error.
 * @param fault  said before the reason of a failure of ours: "the grader failed: "
 * @return what @p work returns, or the status of what it throws
 */
int exit_status_of(const std::string &fault, const std::function<int()> &work);

}  // namespace klass::cli
