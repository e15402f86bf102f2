// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What a hostile build leaves: files of any content, and the reason why it failed.
 *
 * A file that comes out of the sandbox is made by us beforehand and mounted by itself. So a build
 * can neither fill the disk, nor leave a link or a device where Klass expects a file.
 */
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "kernel/diagnostics.h"
#include "kernel/sandbox.h"
#include "util/bytes.h"
#include "util/subprocess.h"

namespace klass::kernel {

/** Makes the empty file that the sandbox may fill. @throws GraderFault on a full disk */
void make_output(const std::filesystem::path &path);

/**
 * Reads what the sandbox left: the file that we made, so a regular one, but of any content.
 * @param limit  bytes that are read at most; 0 for all
 */
Bytes read_output(const std::filesystem::path &path, std::uint64_t limit);

/** Begins like an ELF file. */
bool is_elf(const Bytes &bytes);

/** The end of what make printed, printable: where its reason stands. 16 KiB at most. */
std::string end_of_output(const Outcome &outcome);

/** Why make failed, in one sentence for the student. */
std::string failure_of(const Outcome &outcome, const std::vector<Diagnostic> &diagnostics,
                       const SandboxLimits &limits);

}  // namespace klass::kernel
