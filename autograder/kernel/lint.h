// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Reads a submission with checkpatch, sparse, cppcheck and gcc's analyzer.
 */
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kernel/advice.h"
#include "kernel/kernel_store.h"
#include "kernel/submission.h"

namespace klass::kernel {

/** What they came to. */
struct LintResult {
    std::vector<Advice> advice;  ///< by file and line
    std::string build_error;     ///< why it does not build; empty when it does
    /** Programs that are not installed, and so were not asked: names of Debian packages. */
    std::vector<std::string> missing;
};

/**
 * Runs them all in the sandbox: what they read is hostile. Of what gcc's analyzer finds only that
 * which it seldom gets wrong in kernel code is told.
 * @param folder  an empty folder for the submission's copy
 * @param wanted  the modules to be built, without .ko; none for a submission without modules
 * @throws GraderFault when the sandbox cannot be set up
 */
LintResult lint(const Kernel &kernel, const Submission &submission,
                const std::filesystem::path &folder, const std::vector<std::string> &wanted);

}  // namespace klass::kernel
