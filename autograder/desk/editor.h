// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Makes an editor understand kernel code: compile_commands.json and .clangd for clangd.
 *
 * The commands are those of Kbuild for the stage's skeleton, which always compiles, whatever a
 * student's own files look like just now; clangd takes them for files that were added, too. They
 * name the course kernel's folders, so they are made where that kernel is, and anew for another.
 * After them stand those of the stage's C++ files, which a program is made of.
 */
#pragma once

#include <filesystem>

#include "judge/manifest.h"
#include "kernel/kernel_store.h"

namespace klass::desk {

/** Writes .clangd, by which a folder is known as a workspace, into a stage's new folder. */
void write_clangd_settings(const std::filesystem::path &workspace);

/**
 * Whether a folder is a workspace of ours whose commands are missing, or name another kernel, or
 * another place of the folder.
 */
bool wants_commands(const std::filesystem::path &workspace, const kernel::Kernel &kernel);

/**
 * Builds the stage's skeleton and writes compile_commands.json into the workspace.
 * @throws GraderFault when the skeleton does not build, or the file cannot be written
 */
void write_commands(const std::filesystem::path &workspace, const kernel::Kernel &kernel,
                    const judge::Manifest &manifest, const std::filesystem::path &course);

}  // namespace klass::desk
