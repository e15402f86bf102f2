// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Where things lie: the course's checkout and the cache.
 */
#pragma once

#include <filesystem>
#include <string_view>

namespace klass {

/** Folders of this installation. */
struct Paths {
    /** The checkout: exercises/, solutions/, kmod/. From $KLASS_COURSE, else the build's source. */
    std::filesystem::path course;
    /** Kernels and snapshots: $KLASS_CACHE, else $XDG_CACHE_HOME/klass, else ~/.cache/klass. */
    std::filesystem::path cache;
    /** The guest agent's static program: $KLASS_AGENT, else beside the running program. */
    std::filesystem::path agent;

    /** Reads the environment. @throws UsageError when neither HOME nor KLASS_CACHE is set. */
    static Paths from_environment();
};

}  // namespace klass
