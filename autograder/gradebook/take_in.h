// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Takes what was handed in into the gradebook, files and all.
 */
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gradebook/database.h"
#include "intake/hand_in.h"
#include "util/progress.h"

namespace klass::gradebook {

/** What was taken in. */
struct TakenIn {
    std::size_t seen = 0;   ///< hand-ins
    std::size_t fresh = 0;  ///< that were not known before
    /** Names that the roster does not have; who of them it is, only a person can say. */
    std::vector<std::string> strangers;
};

/**
 * Takes in folders and archives. What cannot be graded is taken in with its finding, and stops
 * nobody. Done a second time, it finds nothing new.
 * @throws as intake::for_each_hand_in()
 */
TakenIn take_in(Database &database, const std::string &stage,
                const std::vector<std::filesystem::path> &inputs, const intake::Search &search,
                Progress &progress);

}  // namespace klass::gradebook
