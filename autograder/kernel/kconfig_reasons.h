// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Why Kconfig dropped a line: the dependency that is off, or the name that is misspelt.
 *
 * Kconfig's own parser answers (kmod/kconfig/explain.c): no second understanding of its language.
 */
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kernel/kconfig.h"
#include "kernel/kernel_store.h"

namespace klass::kernel {

/** explain_dropped() asks about no more than this many. */
inline constexpr std::size_t most_explained = 20;

/**
 * Sets DroppedOption::reason of the first most_explained options: "it depends on ETHERNET [=n]",
 * "there is no option of this name; the nearest is CONFIG_E1000".
 * @param base    the kernel whose Kconfig is meant; its build has Kconfig's objects
 * @param tool    kmod/kconfig of the course
 * @param config  the .config that dropped them
 * @param folder  an empty folder for what is between here and the sandbox
 * @throws GraderFault when Kconfig cannot be asked
 */
void explain_dropped(std::vector<DroppedOption> &dropped, const Kernel &base,
                     const std::filesystem::path &tool, const std::string &config,
                     const std::filesystem::path &folder);

}  // namespace klass::kernel
