// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What the debug kernel can be asked about a module, and how it is made ready to be asked.
 */
#pragma once

#include <string>
#include <vector>

#include "guest/process.h"

namespace klass::judge {

class Trial;

/**
 * Makes a booted debug kernel ready for the functions below, once, before it is frozen: each clone
 * would pay for it again.
 * @throws GraderFault when the kernel lacks what is asked of it
 */
void prepare_detectors(guest::Process &process);

/**
 * What a module allocated and did not free: kmalloc caches and vmalloc areas, a sentence each.
 * Sees what was allocated with any module's code in the call chain; freed memory that KASAN keeps
 * aside is let go first. The check fails when the kernel no longer tells.
 */
std::vector<std::string> module_allocations(Trial &trial);

}  // namespace klass::judge
