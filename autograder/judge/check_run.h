// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief One check of modules in one guest, from its first operation to its result.
 */
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "guest/guest.h"
#include "judge/random.h"
#include "judge/stage.h"
#include "judge/verdict.h"
#include "kernel/kbuild.h"
#include "kernel/symbols.h"

namespace klass::judge {

/** Who watches a check while it runs; each may be empty. */
struct CheckWatch {
    std::function<void(const std::string &what)> asked;  ///< an operation is about to be sent
    std::function<void(const std::string &line)> done;   ///< what came of one
    /** A line of the guest's console as it comes, with its time stamp, without marks of ours. */
    std::function<void(std::string_view line)> console;
};

/** For vm::Machine::on_console: the watch's console, line by line; nothing when nobody watches. */
std::function<void(std::string_view)> console_of(const CheckWatch &watch);

/** What a check is run with. All must outlive the run. */
struct CheckRun {
    const CheckFunction &check;
    const std::vector<kernel::BuiltModule> &modules;  ///< the submission's, and their consumers
    std::span<const kernel::ModuleSymbols> symbols;
    std::span<const kernel::BuiltProgram> programs = {};  ///< the submission's
    kernel::Flavour flavour = kernel::Flavour::debug;     ///< of the guest's kernel
    std::chrono::milliseconds limit;  ///< of the guest's time; vm::PatienceClock
    CheckWatch watch = {};
};

/**
 * Runs the check and sets what it came to, evidence and all.
 * @param random  of this check: Random(seed, id), after the guest's nonce was drawn
 * @throws GraderFault when the guest or the machine fails us
 */
void run_in(guest::Guest &guest, const CheckRun &run, Random random, CheckResult &result);

}  // namespace klass::judge
