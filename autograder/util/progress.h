// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Progress of long work, behind one interface: a line that rewrites itself on a terminal,
 * plain lines elsewhere, nothing in tests.
 */
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace klass {

/** What long work reports to. Calls may come from several threads. */
class Progress {
  public:
    virtual ~Progress() = default;
    /** A phase begins, e.g. "building the debug kernel"; @p total steps, 0 when not known. */
    virtual void begin(std::string_view phase, std::uint64_t total) = 0;
    /** @p done steps of the phase are done; @p detail is what is being worked on. */
    virtual void update(std::uint64_t done, std::string_view detail) = 0;
    /** The phase ended well. */
    virtual void end() = 0;
    /** A sentence for the user that is not a phase, e.g. "another klass is building this kernel".
     */
    virtual void note(std::string_view sentence) = 0;
};

/** Says nothing. */
std::unique_ptr<Progress> silent_progress();

/**
 * Writes to a file descriptor: on a terminal one line with bar, count and time left, redrawn at
 * most ten times a second; elsewhere a line when a phase begins and ends, and one every 30 seconds.
 */
std::unique_ptr<Progress> progress_to(int fd);

/** "1,234 of 4,321, 3 min 10 s left", "1,234", or nothing: as much as is known. */
std::string count_text(std::uint64_t done, std::uint64_t total, std::chrono::milliseconds elapsed);

/** "48 s", "12 min 05 s": durations as the progress and the reports print them. */
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace klass
