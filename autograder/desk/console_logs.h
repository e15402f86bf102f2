// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Whole consoles, beside the report that shows only the lines that matter.
 */
#pragma once

#include <filesystem>

#include "judge/verdict.h"

namespace klass::desk {

/**
 * Writes the console of each check that did not pass to FOLDER/CHECK.log, and says so in
 * CheckResult::log_file. What an earlier grading left of a check that passes now goes. Hidden
 * checks have no log.
 * @throws GraderFault when it cannot be written
 */
void write_console_logs(judge::Verdict &verdict, const std::filesystem::path &folder);

}  // namespace klass::desk
