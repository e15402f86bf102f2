// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What a guest showed while a check ran, beyond what the check asked for.
 */
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "guest/guest.h"
#include "judge/trial.h"
#include "judge/verdict.h"
#include "kernel/log.h"
#include "kernel/symbols.h"

namespace klass::judge {

/** Whether a line of the console is one of those by which Klass tells how far it has come. */
bool is_mark(std::string_view line);

/** The kernel's own word on a check. */
struct Evidence {
    std::optional<Crash> crash;         ///< the first report, which is the cause of the others
    std::vector<std::string> log;       ///< the lines of that report, at most 40
    std::optional<std::string> broken;  ///< why nothing that was seen can be believed
    /** What the kernel said of time while the host was too busy for that to count. */
    std::optional<std::string> doubt = {};
};

/**
 * A guest's clock goes on while its machine waits for a processor. When it has waited for so long,
 * what its kernel says of time (a task hangs, a processor is stuck) may be the host's doing: the
 * watchdogs of kmod/config/debug.config bark after 10 s.
 */
inline constexpr std::chrono::seconds misleading_starvation{5};

/**
 * Ends a check's observation: proves that the console still reaches the host, looks at the
 * kernel's taint, and reads every report out of the console.
 * @param nonce   a number that the guest cannot know before
 * @param closed  the check itself loaded a module without a GPL-compatible licence
 */
Evidence gather_evidence(guest::Guest &guest, std::uint64_t nonce,
                         std::span<const kernel::ModuleSymbols> symbols, bool closed = false);

/** A console as the host read it. */
struct ConsoleSeen {
    std::string text;
    bool ended = false;                   ///< the virtual machine has
    bool flooded = false;                 ///< it printed more than vm::console_limit
    std::chrono::nanoseconds starved{0};  ///< how long the machine has waited for a processor
};

/** What a console says of a kernel without an agent, which cannot be asked. */
Evidence console_evidence(const ConsoleSeen &seen, std::span<const kernel::ModuleSymbols> symbols);

/**
 * Where the kernel was in an operation that did not return, as a crash of kind "hang": whether it
 * sleeps, waits for what nobody can interrupt, or runs, and with whose code on the stack.
 * @param what      the operation
 * @param reported  what the kernel said of itself before: of a deadlock, lockdep's report says why
 */
Crash hang_crash(const std::string &what, const Hang &hang, const std::optional<Crash> &reported,
                 std::span<const kernel::ModuleSymbols> symbols);

/** Memory that an unloaded module left, as a crash of kind "leak": with the lines that took it. */
Crash leak_crash(const CheckFailed &failed, std::span<const kernel::ModuleSymbols> symbols);

}  // namespace klass::judge
