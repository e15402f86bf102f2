// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A user's terminal on a guest's console.
 */
#pragma once

#include <functional>
#include <string_view>

#include "util/raw_terminal.h"
#include "vm/machine.h"

namespace klass::guest {

/** The key that ends a session, Ctrl-], as telnet(1) has it: a guest's programs do not use it. */
inline constexpr char leave_key = 0x1d;

/** Why a session ended. */
enum class SessionEnd {
    by_guest,    ///< what runs on the guest's console has ended
    by_key,      ///< the user left
    powered_off  ///< the virtual machine ended: switched off, or a panic
};

/** What a session asks and tells whoever started it. */
struct SessionHooks {
    /** Called again and again: whether what runs on the guest's console has ended. */
    std::function<bool()> ended;
    /** The terminal has this size now. */
    std::function<void(WindowSize)> resized;
};

/**
 * Gives what is typed on @p input to the guest, keys such as Ctrl-C included, and what the guest's
 * console prints to @p output, until one of the three ends comes. Both are raw in the meantime.
 * @param input   a terminal
 * @throws GraderFault when it is none; Interrupted on SIGTERM and SIGHUP
 */
SessionEnd run_session(vm::Machine &machine, int input, int output, const SessionHooks &hooks);

}  // namespace klass::guest
