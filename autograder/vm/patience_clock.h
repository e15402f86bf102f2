// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The clock by which a virtual machine is waited for.
 */
#pragma once

#include <sys/types.h>

#include <chrono>

namespace klass::vm {

/**
 * Time as a process had it: the host's, less the time for which the process was ready to run while
 * others had the processors. So an answer that is late because the host is busy is not taken for
 * one that never comes: how long a submission may take does not depend on who else is graded.
 *
 * The kernel says how long each thread waited for its turn (proc(5), /proc/PID/schedstat: the
 * second number, in ns; Documentation/scheduler/sched-stats.rst). The thread that waited longest
 * counts: were they added up, the clock of a guest that spins would stand still. Where the kernel
 * keeps no such figures, this is the host's clock.
 */
class PatienceClock {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit PatienceClock(pid_t process) : process_(process) {}

    /** May be late by the tenth of a second for which a figure of the kernel's is used again. */
    time_point now();

    /** How long the process has waited for its turn so far. */
    [[nodiscard]] std::chrono::nanoseconds starved() const { return starved_; }

  private:
    void look();

    pid_t process_;
    std::chrono::nanoseconds starved_{0};
    time_point next_look_{};
};

}  // namespace klass::vm
