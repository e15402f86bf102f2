// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The kernel's source: Debian's package linux-source-6.12, unpacked once into the cache.
 */
#pragma once

#include <filesystem>
#include <string>

#include "util/progress.h"

namespace klass::kernel {

/**
 * The installed package's version, e.g. "6.12.117-1~deb12u1": it names Debian's patches, too.
 * @throws GraderFault when the package is not installed.
 */
std::string source_version();

/** Where the source lies in a cache once it is unpacked: CACHE/source/VERSION. */
std::filesystem::path source_folder(const std::filesystem::path &cache);

/**
 * Unpacks the source if it is not there. Others who ask at the same time wait.
 * @return source_folder()
 * @throws GraderFault when the package is missing or the disk is full; Interrupted on Ctrl-C, and
 *         the next call begins again.
 */
std::filesystem::path obtain_source(const std::filesystem::path &cache, Progress &progress);

}  // namespace klass::kernel
