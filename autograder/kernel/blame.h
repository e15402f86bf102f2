// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief From a kernel report to the student's lines.
 */
#pragma once

#include <span>
#include <vector>

#include "kernel/log.h"
#include "kernel/symbols.h"

namespace klass::kernel {

/** Gives the frames of these modules their file, line and text; inlined calls become frames. */
void resolve_frames(std::vector<Frame> &frames, std::span<const ModuleSymbols> modules);

/** The same for the frames of every report. */
void resolve_frames(std::vector<LogReport> &reports, std::span<const ModuleSymbols> modules);

}  // namespace klass::kernel
