// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Debian's own kernel, as its packages bring it: there in seconds, and blind.
 *
 * The packages, `preview` in packages.txt, are fetched and unpacked into the cache. They are never
 * installed: a kernel's package would change what the machine itself boots.
 */
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/kernel_store.h"
#include "util/progress.h"

namespace klass::kernel {

/** The packages of one release of Debian's kernel. */
struct StockPackages {
    std::string release;             ///< `uname -r` of it, "6.12.117+deb12-cloud-amd64"
    std::string abi;                 ///< what all of its flavours share, "6.12.117+deb12"
    std::vector<std::string> names;  ///< image, headers, common headers, build tools
};

/**
 * The packages that apt's lists name as the newest of a series.
 * @param newest   the package that stands for the newest image: "linux-image-6.12-cloud-amd64"
 * @param depends  what `apt-cache depends` prints of it
 * @throws GraderFault when there is none in it
 */
StockPackages stock_packages(std::string_view newest, std::string_view depends);

/**
 * Debian's kernel, fetched and unpacked if need be: 50 MB to fetch, 100 MB in the cache.
 * Others who ask at the same time wait.
 * @throws GraderFault when apt does not know it, when it cannot be fetched, or the disk is full;
 *         Interrupted on Ctrl-C, and the next call begins again.
 */
Kernel obtain_stock(const Paths &paths, Progress &progress);

}  // namespace klass::kernel
