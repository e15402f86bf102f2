// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Memory that a system call is given: copies, room, bad addresses, and gated pages.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocol/frame.h"

namespace klass::agent {

/**
 * The memory that a Buffer of the protocol describes, for the time of one operation. Each buffer
 * ends at the end of a page that is followed by no page, so a module that copies a byte too many
 * gets EFAULT instead of our heap. There is one such place in a process, and one buffer at a time.
 */
class CallBuffer {
  public:
    explicit CallBuffer(protocol::Buffer::Reader buffer);
    CallBuffer(const CallBuffer &) = delete;
    CallBuffer &operator=(const CallBuffer &) = delete;
    ~CallBuffer();

    /** What the system call is given as its pointer. */
    [[nodiscard]] void *address() const { return address_; }
    /** What it is told as the length. */
    [[nodiscard]] std::size_t claimed() const { return claimed_; }
    /** The contents, after the call; empty where the memory is not ours. */
    [[nodiscard]] std::vector<std::uint8_t> contents() const;
    /** Whether the memory could be had; errno says why not. */
    [[nodiscard]] bool ok() const { return ok_; }

  private:
    void place(std::size_t length);
    void place_gated(std::size_t length);

    void *address_ = nullptr;
    std::size_t claimed_ = 0;
    std::size_t length_ = 0;
    bool ours_ = false;
    std::uint8_t *gated_mapping_ = nullptr;
    int gate_ = -1;
    bool ok_ = true;
};

/**
 * What the agent must know of an actor that cannot be asked, for it is blocked or dead: lies in
 * memory that both share, written by the actor.
 */
struct Shared {
    volatile std::uint64_t request;  ///< that it works on, 0 when its reply is on its way
    volatile std::uint64_t start;    ///< CLOCK_MONOTONIC ns when to begin it, 0 for at once
    volatile std::uint64_t period;   ///< ns from one round to the next
    volatile std::uint32_t rounds;
    volatile int priority;        ///< SCHED_FIFO, from then on until its end
    volatile int descriptor;      ///< its userfaultfd, -1 when there is none
    volatile std::uint64_t page;  ///< address of the page that is not there
    volatile std::uint8_t contents[4096];
};

/** This actor's part; set once after fork. */
extern Shared *own_shared;

}  // namespace klass::agent
