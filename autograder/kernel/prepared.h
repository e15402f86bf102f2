// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What every module's build against a kernel has in common, made once with the kernel.
 *
 * Two things: the answers of the compiler to Kbuild's questions (kmod/kbuild/probes.mk says why
 * that is sound), and the object that Kbuild links into every module, .module-common.o, with the
 * command that made it: where a build finds both and the same command, it leaves the object alone.
 * Together they save two thirds of the processor time of a small module's build.
 *
 * A submission is never built against anything that another one could have written.
 */
#pragma once

#include <filesystem>

#include "kernel/recipe.h"

namespace klass::kernel {

/**
 * Makes @p target, a folder, anew by building a module of one line.
 * @param probes_mk  kmod/kbuild/probes.mk of the course
 * @throws GraderFault when the module does not build: then no submission's would.
 */
void prepare_module_builds(const BuildFolders &folders, const std::filesystem::path &probes_mk,
                           const std::filesystem::path &target);

}  // namespace klass::kernel
