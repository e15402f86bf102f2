// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief compile_commands.json: how Kbuild compiled each file, for an editor.
 *
 * https://clang.llvm.org/docs/JSONCompilationDatabase.html
 */
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/kernel_store.h"

namespace klass::kernel {

/** One call of the compiler. */
struct CompileCommand {
    std::filesystem::path file;          ///< relative to the submission
    std::vector<std::string> arguments;  ///< with the sandbox's paths
};

/**
 * The words of a shell command up to its first operator: quotes and backslashes are taken off, and
 * nothing is expanded. Empty when a quote does not end.
 */
std::vector<std::string> shell_words(std::string_view command);

/**
 * Reads KbuildResult::commands: lines of Kbuild's .NAME.o.cmd files (kernel:
 * scripts/basic/fixdep.c, scripts/Kbuild.include). Only C files of the submission itself, and not
 * what Kbuild generates.
 */
std::vector<CompileCommand> parse_commands(std::string_view cmd_files);

/**
 * The database for a folder that holds the same files, with the host's paths.
 * @param folder  absolute
 */
nlohmann::ordered_json compile_commands(const std::vector<CompileCommand> &commands,
                                        const Kernel &kernel, const std::filesystem::path &folder);

}  // namespace klass::kernel
