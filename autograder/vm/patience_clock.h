// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The clock by which a virtual machine is waited for.
 */
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>

namespace klass::vm {

/**
 * Time as a process had it: the host's, less the time for which the process was ready to run while
 * others had the processors, and for which the thread that asks was. So an answer that is late
 * because the host is busy is not taken for one that never comes: how long a submission may take
 * does not depend on who else is graded.
 *
 * The kernel says how long each thread waited for its turn (proc(5), /proc/PID/schedstat: the
 * second number, in ns; Documentation/scheduler/sched-stats.rst). From one look to the next, the
 * thread that waited longest counts: an answer is late whichever of them it had to wait for, and
 * were they added up, the clock of a guest that spins would stand still. The wait of the thread
 * that asks comes to it, for meanwhile the guest had nothing to do. Where the kernel keeps no such
 * figures, this is the host's clock.
 */
class PatienceClock {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    /** A look costs a tenth of a millisecond, and an operation of a guest takes three. */
    static constexpr std::chrono::milliseconds usual_pause{100};

    /** @param between_looks  for how long a figure of the kernel's is used again */
    explicit PatienceClock(pid_t process, std::chrono::milliseconds between_looks = usual_pause)
        : process_(process), between_looks_(between_looks) {}

    /** May be late by the time between two looks, and then go back by as much. */
    time_point now();

    /** How long it has stood still so far. */
    [[nodiscard]] std::chrono::nanoseconds starved() const { return starved_; }

  private:
    void look(std::chrono::nanoseconds since_last);

    pid_t process_;
    std::chrono::milliseconds between_looks_;
    /** By folder of a thread in /proc, as of the last look. */
    std::map<std::filesystem::path, std::chrono::nanoseconds> waited_;
    std::chrono::nanoseconds starved_{0};
    time_point looked_{};
};

}  // namespace klass::vm
