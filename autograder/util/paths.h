// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Where things lie: the course's checkout, the cache, the user's state.
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
    /**
     * What Klass remembers of its user's work: $KLASS_STATE, else $XDG_STATE_HOME/klass, else
     * ~/.local/state/klass. Empty when there is no place for it: then nothing is remembered.
     */
    std::filesystem::path state = {};

    /** Reads the environment. @throws UsageError when neither HOME nor KLASS_CACHE is set. */
    static Paths from_environment();
};

/**
 * A program of Klass's own that lies in the same folder as the running one.
 * @throws GraderFault when that folder cannot be told
 */
std::filesystem::path program_beside_this(std::string_view name);

}  // namespace klass
