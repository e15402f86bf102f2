// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The guest's clocks as whole nanoseconds, which is how the protocol counts.
 */
#pragma once

#include <cstdint>
#include <ctime>

namespace klass::agent {

inline constexpr std::uint64_t nanoseconds_a_second = 1000000000;

/** clock_gettime(2). */
inline std::uint64_t nanoseconds_of(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * nanoseconds_a_second +
           static_cast<std::uint64_t>(time.tv_nsec);
}

/** The same number as the kernel takes it. */
inline timespec timespec_of(std::uint64_t nanoseconds) {
    return {static_cast<time_t>(nanoseconds / nanoseconds_a_second),
            static_cast<long>(nanoseconds % nanoseconds_a_second)};
}

}  // namespace klass::agent
