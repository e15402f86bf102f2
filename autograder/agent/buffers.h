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
 * gets EFAULT instead of our heap.
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
    void map(std::size_t length, bool gated);

    void *address_ = nullptr;
    std::size_t claimed_ = 0;
    std::size_t length_ = 0;
    std::uint8_t *mapping_ = nullptr;
    std::size_t mapping_bytes_ = 0;
    int gate_ = -1;
    bool ok_ = true;
};

/**
 * What the agent must know to open an actor's gate: lies in memory that actor and agent share.
 * Written by the actor before the held system call, read by the agent.
 */
struct Gate {
    volatile int descriptor;        ///< the userfaultfd in the actor, -1 when there is none
    volatile std::uint64_t page;    ///< address of the page that is not there
    volatile std::uint8_t contents[4096];
};

/** The gate of this actor; set once after fork. */
extern Gate *own_gate;

}  // namespace klass::agent
