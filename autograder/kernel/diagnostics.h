// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What the compiler, modpost and Kbuild say of a submission, as data.
 */
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace klass::kernel {

/** One message of a tool about a place in the submission. All texts are safe_text(). */
struct Diagnostic {
    std::string severity;  ///< "error", "warning" or "note"
    std::string file;      ///< relative to the submission; empty when of no file
    int line = 0;          ///< from 1; 0 when unknown
    int column = 0;        ///< from 1; 0 when unknown
    std::string message;
    std::string option;  ///< the warning's switch, e.g. "-Wunused-variable"; may be empty
    std::string text;    ///< the source line itself; may be empty
    std::string tool;    ///< "gcc", "objtool", "modpost", "make" or "ld"
};

/** parse_build_output() returns no more than this many. */
inline constexpr std::size_t most_diagnostics = 200;

/**
 * Parses the output of a Kbuild run.
 *
 * Left out is what only repeats: make's `[target] Error 1` of the kernel's own makefiles, the lines
 * of caret and tildes, "In file included from".
 * @param output  stdout and stderr of make, as they came; hostile: any bytes, any length
 * @param root    the folder of the submission inside the sandbox; paths below it become relative,
 *                paths elsewhere (the kernel's headers) stay as the kernel knows them, from the top
 *                of its source
 */
std::vector<Diagnostic> parse_build_output(std::string_view output, std::string_view root);

}  // namespace klass::kernel
