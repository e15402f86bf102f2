// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Modules of a course kernel's own, from its build.
 */
#pragma once

#include <string>
#include <vector>

#include "kernel/kbuild.h"
#include "kernel/kernel_store.h"

namespace klass::judge {

/**
 * Modules of the kernel's own, each after those that it needs itself, without debugging
 * information.
 * @param names  as in a module's `depends` tag or in /proc/modules; "-" and "_" are the same
 * @throws GraderFault when the kernel has no such module
 */
std::vector<kernel::BuiltModule> own_modules(const kernel::Kernel &kernel,
                                             const std::vector<std::string> &names);

/** What a built module needs to be loaded before it, by name; nothing of what those need. */
std::vector<std::string> needs_of(const kernel::BuiltModule &module);

}  // namespace klass::judge
