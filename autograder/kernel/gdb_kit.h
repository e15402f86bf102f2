// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What gdb needs to understand a course kernel, made once for each.
 *
 * The kernel brings helpers for gdb, scripts/gdb
 * (Documentation/process/debugging/gdb-kernel-debugging.rst), which want CONFIG_GDB_SCRIPTS and
 * whole debugging information. The course's kernels have neither, for the sake of their build;
 * nothing in the kernel itself depends on it. So both are made from the outside: the scripts'
 * constants by the preprocessor, and the types by compiling kmod/gdb/klass_types.c.
 */
#pragma once

#include <filesystem>

#include "kernel/kernel_store.h"

namespace klass::kernel {

/** Files for gdb, in the cache: CACHE/gdb/KEY16. */
struct GdbKit {
    std::filesystem::path types;    ///< a module that is never loaded: symbols to be added
    std::filesystem::path scripts;  ///< a folder for Python's path: the kernel's package `linux`
    std::filesystem::path klass;    ///< what Klass adds, a Python file
    std::filesystem::path index;    ///< a folder in which gdb may keep its index of vmlinux
};

/**
 * Finds the kit of a kernel, made first if need be: some seconds.
 * @param course  the checkout, for kmod/gdb
 * @param cache   the cache's folder
 * @throws GraderFault when it cannot be made
 */
GdbKit obtain_gdb_kit(const Kernel &kernel, const std::filesystem::path &course,
                      const std::filesystem::path &cache, Progress &progress);

}  // namespace klass::kernel
