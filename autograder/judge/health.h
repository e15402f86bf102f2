// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Whether a machine has what Klass needs, and the command that mends what it lacks.
 */
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "util/debian_packages.h"
#include "util/paths.h"

namespace klass::judge {

/** One thing that was looked at. */
struct Finding {
    enum class State {
        ok,
        note,    ///< grading works; something else does not, or could be better
        missing  ///< grading does not work
    };
    State state = State::ok;
    std::string what;
    std::string mend = {};  ///< a command, or what to do; empty when all is well
};

/**
 * What is said of the packages, a finding for each group that is to be installed.
 * @param installed  those of them that are
 * @param root       whether the caller needs no sudo
 */
std::vector<Finding> package_findings(const std::vector<NeededPackage> &needed,
                                      const std::vector<std::string> &installed, bool root);

/**
 * Why bubblewrap may make no namespaces, from three files of /proc/sys; each empty when it is not
 * there: kernel/unprivileged_userns_clone (Debian's), user/max_user_namespaces, and
 * kernel/apparmor_restrict_unprivileged_userns.
 * @return the command that mends it; empty when none of the three is to blame
 */
std::string mend_namespaces(std::string_view clone, std::string_view most,
                            std::string_view apparmor);

/** An entry of the cache, with what it takes on the disk. */
struct CacheEntry {
    std::filesystem::path path;
    std::string what;  ///< "the debug kernel 6.12.117-klass-debug"
    std::uint64_t bytes = 0;
    bool used = true;  ///< false when nothing of today's Klass uses it
};

/** "1.4 GiB", "82 MiB". */
std::string size_text(std::uint64_t bytes);

/** Bytes on the disk of a folder and all below it; what vanishes meanwhile does not count. */
std::uint64_t disk_usage(const std::filesystem::path &folder);

/** What the cache holds: sources, kernels, snapshots, gdb's files, ccache. */
std::vector<CacheEntry> cache_entries(const Paths &paths);

/** All findings: packages, sandbox, KVM, memory, disk, agent, cache; the requirements first. */
std::vector<Finding> examine(const Paths &paths);

}  // namespace klass::judge
