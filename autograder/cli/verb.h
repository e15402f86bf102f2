// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The verbs of the command line: one file each.
 *
 * cli/ turns words into calls and errors into exit statuses. It knows every
 * layer; no layer knows it.
 */
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "util/error.h"
#include "vm/accelerator.h"

namespace klass::cli {

/** What a verb does once the command line was understood. */
using Action = std::function<ExitStatus()>;

/** Adds a verb to the command line; when it is the one that was chosen, sets @p action. */
void add_grade(CLI::App &app, Action &action);
void add_list(CLI::App &app, Action &action);
void add_start(CLI::App &app, Action &action);
void add_watch(CLI::App &app, Action &action);
void add_hint(CLI::App &app, Action &action);
void add_status(CLI::App &app, Action &action);
void add_replay(CLI::App &app, Action &action);
void add_debug(CLI::App &app, Action &action);
void add_lint(CLI::App &app, Action &action);
void add_shell(CLI::App &app, Action &action);
void add_course(CLI::App &app, Action &action);
void add_kernel(CLI::App &app, Action &action);
void add_doctor(CLI::App &app, Action &action);
void add_bench(CLI::App &app, Action &action);
void add_batch(CLI::App &app, Action &action);
void add_gradebook(CLI::App &app, Action &action);
void add_regrade(CLI::App &app, Action &action);
void add_similar(CLI::App &app, Action &action);
void add_pose_server(CLI::App &app, Action &action);
void add_complete(CLI::App &app, Action &action);
void add_man(CLI::App &app, Action &action);

/** Adds --accel auto|kvm|tcg. */
void add_accel(CLI::App &verb, vm::AcceleratorWish &wish);

}  // namespace klass::cli
