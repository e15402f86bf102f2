// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Reads a sick kernel's console: which reports are in it, and what each one blames.
 *
 * The patterns are those of Linux 6.12 (log_patterns.cpp); each names the kernel file that prints
 * it. What is read here was written by a guest that may be hostile: any bytes, any order. A forged
 * report can only cost its author points, and a missing one proves nothing: the judge has other
 * evidence.
 */
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/stack_trace.h"
#include "kernel/symbols.h"

namespace klass::kernel {

inline constexpr std::size_t longest_console_line = 1024;  ///< LOG_LINE_MAX of the kernel's printk
inline constexpr std::size_t most_console_lines = 200'000;
inline constexpr std::size_t most_reports = 256;
inline constexpr std::size_t most_report_lines = 60;
inline constexpr std::size_t most_report_frames = 256;

/** One report of the kernel about itself. */
struct LogReport {
    std::string kind;     ///< "kasan", "null-dereference", "lockdep", ...: see kinds()
    std::string summary;  ///< its first line, without the time stamp; of a WARN() its message
    std::string meaning;  ///< a sentence for the student on what such a report means
    /**
     * The stack that the report blames, innermost first, without the reporter's own functions; the
     * frame of a fault is `exact`. Then the other stacks that the report prints, each frame with
     * what that stack did in Frame::stack: where memory was allocated and freed, where a lock was
     * taken. Frames that the unwinder doubted are left out unless there are no others.
     */
    std::vector<Frame> frames;
    /** The report, at most 60 lines, without time stamps, registers and doubted frames. */
    std::vector<std::string> lines;
    bool fatal = false;  ///< the kernel cannot go on: panic or oops
};

/**
 * Splits a console's bytes into lines of valid UTF-8 without control characters, and cuts
 * `[    1.234567][  T1] ` from each. A time stamp within a line begins a new one, since a process
 * that writes to the console may have left its line open.
 */
std::vector<std::string> console_lines(std::string_view console);

/**
 * The reports in a console's lines, in the order in which they came; what follows from a report
 * (lockdep going off after KASAN's, a panic after an oops) is part of it and not another one.
 * Takes time in proportion to the lines' length, and returns at most most_reports.
 */
std::vector<LogReport> classify(std::span<const std::string> lines);

/** A kind that classify() can return, with its meaning. */
struct Kind {
    std::string name;
    std::string meaning;
};

/** All kinds, for the book's table and for the canaries that prove each detector alive. */
std::span<const Kind> kinds();

}  // namespace klass::kernel
