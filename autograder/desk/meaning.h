// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Whether a change of a submission can change its verdict.
 */
#pragma once

#include <string>
#include <string_view>

#include "kernel/submission.h"

namespace klass::desk {

/** What has changed between two looks at a submission. */
enum class Change {
    none,
    comments,  ///< only what the compiler does not see, or a text that is not built
    code
};

/**
 * A C source without its comments, its blank lines and the blanks at a line's ends. What is a
 * comment, strings and characters decide (C11, 5.1.1.2 and 6.4.9), a backslash at a line's end too.
 */
std::string without_comments(std::string_view source);

/** A submission's files as they are, and as far as they mean something. */
struct State {
    std::string files;    ///< Submission::sha256
    std::string meaning;  ///< without comments in C, and without README.md and stage.toml

    /** @throws UsageError when a file is gone since */
    static State of(const kernel::Submission &submission);
    [[nodiscard]] Change since(const State &earlier) const;
};

}  // namespace klass::desk
