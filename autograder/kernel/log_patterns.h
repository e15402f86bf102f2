// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The texts by which Linux 6.12 begins a report about itself.
 *
 * A table, and the matching of one line against it. log.cpp puts the reports together.
 */
#pragma once

#include <span>
#include <string_view>

namespace klass::kernel {

/** How a report that has no end mark ends. */
enum class Ending {
    trace,   ///< with its call trace and what the kernel prints around one
    bar,     ///< with a line of '=' signs
    indent,  ///< with the first line that is not indented
    locks,   ///< with its list of held locks
    line     ///< at once: the report is one line
};

/** One text that begins a report. */
struct Pattern {
    std::string_view kind;
    std::string_view text;    ///< a glob: '*' stands for anything; the line may go on after it
    std::string_view source;  ///< the file of Linux that prints it
    Ending ending = Ending::trace;
    bool fatal = false;  ///< the kernel, or at least the task, cannot go on
    bool stuck = false;  ///< found by an interrupt: what it interrupted is to blame
    /** Lines that would begin a report of their own but belong to this one, as globs. */
    std::span<const std::string_view> goes_on = {};
};

/**
 * Whether a line begins as the glob says: each part between two '*' is looked for after the one
 * before, the first one at the line's start. Linear in the line's length.
 */
bool begins_like(std::string_view line, std::string_view glob);

/** The first pattern that a line begins like; nullptr when it begins no report. */
const Pattern *find_pattern(std::string_view line);

/** What a report means: of its kind, or where the summary tells more, of that. */
std::string_view meaning_of(std::string_view kind, std::string_view summary);

}  // namespace klass::kernel
