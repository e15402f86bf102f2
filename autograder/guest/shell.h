// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief BusyBox's shell in a guest that has the agent: on the console, or for one command.
 */
#pragma once

#include <string>

#include "guest/process.h"
#include "util/raw_terminal.h"

namespace klass::guest {

/** What a shell begins with. */
struct ShellSettings {
    std::string home;           ///< where it starts
    std::string terminal = {};  ///< $TERM; the guest's own when empty
};

/** Makes the shell's home, once in a guest, before any shell. */
void prepare_shell(Process &process, const ShellSettings &settings);

/**
 * Starts a shell with job control on the serial console. Its end is the call's.
 * @param process  is busy until then
 */
Pending start_console_shell(Process &process, const ShellSettings &settings);

/** Starts `sh -c COMMAND` in the shell's home; data: what it wrote, result: its wait status. */
Pending start_shell_command(Process &process, const ShellSettings &settings,
                            const std::string &command);

/** Tells the programs on the console how large the user's terminal is. */
void set_console_size(Process &process, WindowSize size);

}  // namespace klass::guest
