// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A driver out of the kernel's own source, as a submission would be: the proof that checks
 * judge behaviour, and not likeness to a reference.
 */
#pragma once

#include <filesystem>
#include <string>

#include "kernel/kernel_store.h"

namespace klass::kernel {

/** Where a driver is, and what it is called, there and as a submission. */
struct InTreeModule {
    std::string folder;    ///< below the source: "drivers/net/ethernet/intel/e1000"
    std::string original;  ///< the module's name there: "e1000"
    std::string module;    ///< and here: "e1000_klass"
};

/**
 * Copies its sources, unchanged, and writes a Kbuild that makes the module from them.
 * @param target  a new folder
 * @throws GraderFault when the source has no such driver
 */
void copy_in_tree_module(const Kernel &kernel, const InTreeModule &driver,
                         const std::filesystem::path &target);

}  // namespace klass::kernel
