// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What the debug kernel can be asked about a module, and how it is made ready to be asked.
 */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "guest/process.h"

namespace klass::judge {

class Trial;

/**
 * How many callers up from an allocation the kernel looks for a module's code, to count it as one
 * that can be made to fail. So deep that each call of a module's own fails once, and not every
 * allocation that the kernel makes far below such a call.
 */
inline constexpr unsigned usual_injection_depth = 6;

/** @throws GraderFault when the kernel was built without fault injection */
void set_injection_depth(guest::Process &process, unsigned depth);

/**
 * From now on the @p nth allocation fails that a module's code makes while it works for this
 * process (/proc/PID/fail-nth in Documentation/fault-injection/fault-injection.rst).
 * @throws GraderFault as set_injection_depth()
 */
void fail_allocation(guest::Process &process, unsigned nth);

/** Ends that. @return whether there were so many, and one has failed */
bool allocation_has_failed(guest::Process &process);

/**
 * Makes a booted debug kernel ready for the functions below, once, before it is frozen: each clone
 * would pay for it again.
 * @throws GraderFault when the kernel lacks what is asked of it
 */
void prepare_detectors(guest::Process &process);

/** What was allocated in one place, and is still there. */
struct Allocation {
    std::string text;                      ///< the kernel's own line on it
    std::vector<std::uint64_t> addresses;  ///< of module code in the call chain, innermost first

    /** The same place and as much there, at whatever time. */
    [[nodiscard]] bool same_as(const Allocation &other) const;
};

/** What modules have allocated, at this moment. */
std::vector<Allocation> allocations_now(Trial &trial);

/**
 * What a module allocated and did not free: kmalloc caches and vmalloc areas.
 * Sees what was allocated with any module's code in the call chain; freed memory that KASAN keeps
 * aside is let go first. The check fails when the kernel no longer tells.
 * @param others  what is not asked about
 */
std::vector<Allocation> module_allocations(Trial &trial,
                                           const std::vector<Allocation> &others = {});

}  // namespace klass::judge
