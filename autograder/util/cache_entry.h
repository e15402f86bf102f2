// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief How long an entry of the cache stays: a folder with a mark, a file that is written last.
 */
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace klass {

/** An entry that nobody used for so long goes when a new one is made. */
inline constexpr std::chrono::days cache_entry_life{30};

/** Notes that an entry was used now. Does nothing where the cache cannot be written to. */
void mark_used(const std::filesystem::path &mark);

/**
 * Removes the folders of @p parent whose mark, or they themselves where it is missing, is older
 * than @p life. What cannot be removed stays.
 * @param mark  the mark's name in each folder
 * @return how many went
 */
std::size_t remove_unused(const std::filesystem::path &parent, const std::string &mark,
                          std::chrono::seconds life = cache_entry_life);

}  // namespace klass
