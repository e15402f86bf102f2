// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The clock by which a program with many processes, such as make, is waited for.
 */
#pragma once

#include <sys/types.h>

#include <chrono>

namespace klass {

/**
 * Time as a program and its descendants had it: what they slept or computed, without what they
 * spent ready to run while others had the processors. So how long a build may take does not
 * depend on what else the machine does.
 *
 * From one look to the next, the host's time counts, unless one of the processes is ready to run:
 * then the processor time that all of them got counts, if that is less. (vm::PatienceClock asks
 * the kernel for the waiting itself; of processes that begin and end between two looks, as a
 * build's do, only the time that they used is left: their parent has it, proc_pid_stat(5), cutime.)
 * Processor time that vanished makes the host's time count: a program may throw its children's
 * away (sigaction(2), SA_NOCLDWAIT), but gains nothing by that.
 *
 * Descendants are found by /proc/PID/task/TID/children (CONFIG_PROC_CHILDREN, as in Debian's
 * kernel); where there is none, those of @p root are not seen.
 */
class TreeClock {
  public:
    /** Closer together, looks would only see the tick of the kernel's accounting. */
    static constexpr std::chrono::milliseconds between_looks{200};

    explicit TreeClock(pid_t root);

    /** Since the clock was made. Exact only when asked as often as once in between_looks. */
    std::chrono::nanoseconds elapsed();

  private:
    using Clock = std::chrono::steady_clock;

    pid_t root_;
    Clock::time_point looked_ = Clock::now();
    std::chrono::nanoseconds used_{0};  ///< by all of them, as of the last look
    std::chrono::nanoseconds elapsed_{0};
};

}  // namespace klass
