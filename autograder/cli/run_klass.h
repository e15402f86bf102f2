// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief For tests: the built program, as a user calls it.
 */
#pragma once

#include <map>
#include <string>
#include <vector>

#include "util/subprocess.h"

namespace klass {

inline constexpr const char *program = KLASS_BINARY_DIR "/bin/klass";

/** Runs `klass WORDS...` to its end. */
inline Outcome klass(std::vector<std::string> words,
                     std::map<std::string, std::string> environment = {}) {
    words.insert(words.begin(), program);
    return run({.argv = std::move(words),
                .environment = std::move(environment),
                .timeout = std::chrono::minutes{40}});
}

}  // namespace klass
