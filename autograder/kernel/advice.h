// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What the kernel's own readers of code say of a submission, and what they mean by it.
 */
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/diagnostics.h"

namespace klass::kernel {

/** One remark on a place in the source. It costs nothing to leave it. */
struct Advice {
    Diagnostic diagnostic;  ///< tool: "checkpatch", "sparse", "cppcheck", "gcc" or "gcc -fanalyzer"
    std::string meaning;    ///< what such a remark is about, a sentence or two
    std::string link;       ///< a page of the kernel's documentation; may be empty
};

/** What checkpatch's documentation says of one type of its messages. */
struct CheckpatchType {
    std::string meaning;
    std::string link;  ///< the first page that it refers to; may be empty
};

/** Of each type, from the text of Documentation/dev-tools/checkpatch.rst. */
std::map<std::string, CheckpatchType> checkpatch_types(std::string_view document);

/**
 * Messages of `checkpatch.pl --terse --show-types`:
 * `chardev.c:47: WARNING:LONG_LINE: line length of 103 exceeds 100 columns`.
 * @param output  hostile, as it quotes the submission
 */
std::vector<Diagnostic> parse_checkpatch(std::string_view output);

/** Adds to a remark of any tool what it means. */
Advice explained(Diagnostic diagnostic, const std::map<std::string, CheckpatchType> &types);

/**
 * Whether a remark is one of those that are known to be wrong. Each stands in one table with the
 * reason; a reference solution has no other.
 */
bool is_known_to_be_wrong(const Diagnostic &diagnostic);

}  // namespace klass::kernel
