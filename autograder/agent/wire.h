// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Frames over a file descriptor: the virtio port, or the socket between agent and actor.
 *
 * agent/ runs in the guest as process 1. It knows system calls and the
 * protocol; it must never know a stage, an expected value or a verdict.
 */
#pragma once

#include <optional>

#include "protocol/frame.h"

namespace klass::agent {

/** Writes all of a frame; waits when the other side is slow. Ends the process when it is gone. */
void send_frame(int fd, const std::vector<std::uint8_t> &frame);

/** drivers/char/virtio_console.c: port_fops_write() takes so many bytes at once. */
inline constexpr std::size_t whole_write = 32 << 10;

/** Makes what send_to_host() needs; to be called once, before any actor is there. */
void prepare_turns();

/**
 * send_frame() to the port that all processes of the agent write to: a frame that takes several
 * writes has the port to itself. The lock goes with a process that dies (fcntl(2), F_SETLKW).
 */
void send_to_host(int port, const std::vector<std::uint8_t> &frame);

/** Reads what is there and appends it. @return false when the other side is gone. */
bool receive(int fd, protocol::FrameSplitter &splitter);

/** Builds a reply in one place; every field that is not set stays zero. */
struct Answer {
    std::uint64_t id = 0;
    std::int64_t result = 0;
    int error = 0;
    std::vector<std::uint8_t> data;
    std::int64_t extra = 0;
    std::uint32_t times = 1;
    std::uint64_t nanoseconds = 0;

    [[nodiscard]] std::vector<std::uint8_t> frame() const;
};

/** The answer of a system call that returned @p result: reads errno when it is negative. */
Answer answer_of(long result);

/**
 * A whole file, read with as many reads as it takes. Sets errno: EFBIG when it has more than
 * @p limit bytes, of which @p data then has the first.
 */
long read_whole(const char *path, std::vector<std::uint8_t> &data, std::size_t limit);

}  // namespace klass::agent
