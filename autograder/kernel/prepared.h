// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What many modules' builds against a kernel have in common, made once.
 *
 * Three things: the answers of the compiler to Kbuild's questions (kmod/kbuild/probes.mk says why
 * that is sound); the object that Kbuild links into every module, .module-common.o; and for a
 * module's name what modpost writes for it, NAME.mod.c, with its object. Where a build comes to the
 * same command, and modpost to the same text, Kbuild leaves the object alone. Together they save
 * three quarters of the processor time of a small module's build.
 *
 * A submission is never built against anything that another one could have written.
 */
#pragma once

#include <filesystem>

#include "kernel/kernel_store.h"
#include "kernel/recipe.h"

namespace klass::kernel {

/**
 * Makes @p target, a folder, anew by building a module of one line.
 * @param probes_mk  kmod/kbuild/probes.mk of the course
 * @throws GraderFault when the module does not build: then no submission's would.
 */
void prepare_module_builds(const BuildFolders &folders, const std::filesystem::path &probes_mk,
                           const std::filesystem::path &target);

/** The folder in Kernel::prepared that holds a folder for each name. */
inline constexpr const char *prepared_modules = "modules";

/** True when there is nothing to do for prepare_module_of_name(), or nothing that it could do. */
bool is_prepared(const Kernel &kernel, const std::string &name);

/**
 * Makes the folder for modules of that @p name, a second's work, unless it is there. Where the
 * cache cannot be written to, as in a container, nothing is made, and builds take that much longer.
 * Several processes may ask at once.
 * @throws GraderFault as prepare_module_builds()
 */
void prepare_module_of_name(const Kernel &kernel, const std::string &name);

}  // namespace klass::kernel
