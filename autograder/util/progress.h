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
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace klass {

/** What long work reports to. Calls may come from several threads. */
class Progress {
  public:
    virtual ~Progress() = default;
    /** A phase begins, e.g. "building the debug kernel"; @p total steps, 0 when not known. */
    virtual void begin(std::string_view phase, std::uint64_t total) = 0;
    /** A phase that counts nothing, and takes about @p usual. */
    virtual void begin_timed(std::string_view phase, std::chrono::milliseconds usual) = 0;
    /** @p done steps of the phase are done; @p detail is what is being worked on. */
    virtual void update(std::uint64_t done, std::string_view detail) = 0;
    /** The phase ended well. */
    virtual void end() = 0;
    /** The phase was given up, and something else goes on. */
    virtual void give_up() = 0;
    /** A sentence for the user that is not a phase, e.g. "another klass is building this kernel".
     */
    virtual void note(std::string_view sentence) = 0;
};

/** Says nothing. */
std::unique_ptr<Progress> silent_progress();

/**
 * Writes to a file descriptor: on a terminal one line with bar, count and time left, redrawn once a
 * second and at most ten times; elsewhere a line when a phase begins and ends, and one every 30
 * seconds. The time left is reckoned from what this call did: not from what was there before it.
 */
std::unique_ptr<Progress> progress_to(int fd);

/** "1,234 of 4,321, 3 min 10 s left", "1,234", or nothing: as much as is known. */
std::string count_text(std::uint64_t done, std::uint64_t total, std::chrono::milliseconds elapsed);

/** Keeps to itself what it is told, for work in the background, until it is to be shown. */
class HeldProgress : public Progress {
  public:
    explicit HeldProgress(Progress &inner) : inner_(inner) {}

    void begin(std::string_view phase, std::uint64_t total) override;
    void begin_timed(std::string_view phase, std::chrono::milliseconds usual) override;
    void update(std::uint64_t done, std::string_view detail) override;
    void end() override;
    void give_up() override;
    void note(std::string_view sentence) override;

    /** From now on all goes to the inner one: first the notes that were kept, and the phase that
     * is under way. */
    void release();

  private:
    struct Held {
        std::string name;
        std::uint64_t total = 0;
        std::uint64_t done = 0;
        std::optional<std::chrono::steady_clock::time_point> ends = {};
    };

    Progress &inner_;
    std::mutex mutex_;
    bool released_ = false;
    std::optional<Held> phase_;
    std::vector<std::string> notes_;
};

/** "48 s", "12 min 05 s": durations as the progress and the reports print them. */
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace klass
