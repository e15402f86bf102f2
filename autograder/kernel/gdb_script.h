// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The commands with which gdb begins to debug a module in a course kernel.
 */
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kernel/gdb_kit.h"
#include "kernel/kbuild.h"

namespace klass::kernel {

/** What gdb is told. */
struct GdbSession {
    const Kernel &kernel;
    const GdbKit &kit;
    const std::vector<BuiltModule> &modules;
    std::filesystem::path sources;  ///< the student's folder, absolute: so that gdb shows its lines
    std::filesystem::path socket;   ///< where QEMU waits for gdb
    bool stop_in_init = true;       ///< run until the first module's init function
    bool for_a_person = true;       ///< who wants to be asked before he quits, and a pager
};

/** A script for gdb(1) --command. */
std::string gdb_script(const GdbSession &session);

}  // namespace klass::kernel
