// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The kernel's notation of an address: `function+0x1c/0x80 [module]`.
 *
 * Printed by %pS and %pB (Documentation/core-api/printk-formats.rst); the marks around it come from
 * arch/x86/kernel/dumpstack.c, kernel/stacktrace.c and fs/proc/base.c of Linux 6.12.
 */
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/symbols.h"

namespace klass::kernel {

/**
 * One line of a stack trace: ` ? function+0x1c/0x80 [module build-id]`, `[<0>] function+0x1c/0x80`,
 * `RIP: 0010:function+0x1c/0x80`, or a bare address of which the kernel knew no symbol.
 * @return nothing when the line is something else, or the RIP of user space
 */
std::optional<Frame> parse_frame(std::string_view line);

/** The first `function+0x1c/0x80 [module]` anywhere within a text. */
std::optional<Frame> find_frame(std::string_view text);

/**
 * All frames among the lines, in their order, those that the unwinder doubted too: of a
 * /proc/PID/stack, or of the console after an NMI, which is where the kernel was when it hung.
 */
std::vector<Frame> parse_stack(std::span<const std::string> lines);

}  // namespace klass::kernel
