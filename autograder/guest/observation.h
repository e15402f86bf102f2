// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What came of one operation in the guest: evidence, never a verdict.
 *
 * guest/ is the host's end of the agent: it knows processes, files and errno.
 * It must never know a stage or a score.
 */
#pragma once

#include <cstdint>
#include <string>

#include "util/bytes.h"

namespace klass::guest {

/** One operation and what the guest says came of it. */
struct Observation {
    enum class State {
        returned,  ///< the system call returned
        pending,   ///< it had not returned when we stopped waiting
        killed,    ///< the process died in it
        lost       ///< the guest no longer answers, or ended
    };

    std::string what;         ///< the operation: "write(/dev/cicv, 17 bytes)"
    std::uint32_t actor = 0;  ///< the process that carried it out
    State state = State::returned;
    std::int64_t result = 0;  ///< -1 on error
    int error = 0;            ///< errno
    Bytes data;               ///< what a read brought: all of its buffer, see got()
    std::int64_t extra = 0;
    std::uint32_t times = 1;        ///< how often it was carried out
    std::uint64_t nanoseconds = 0;  ///< guest time over all of them
    int signal = 0;                 ///< that killed the process

    [[nodiscard]] bool ok() const { return state == State::returned && result >= 0; }
    /** The bytes that a read says it brought: the first `result` of its data. */
    [[nodiscard]] Bytes got() const;
    /** "returned 17", "returned -1 EFAULT (Bad address)", "did not return". */
    [[nodiscard]] std::string outcome() const;
    /** What and outcome in one line: "write(/dev/cicv, 17 bytes) = 17". */
    [[nodiscard]] std::string line() const;
};

/** "EFAULT (Bad address)"; "errno 524" where Linux has no name for it. */
std::string errno_text(int error);

}  // namespace klass::guest
