// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Whether a disk has room for what is to be made, asked before it is begun.
 */
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace klass {

/**
 * Passes when there is room, or when nobody can tell.
 * @param wanted    bytes
 * @param what      needs them: "a grading"
 * @param variable  of the environment, that names another place than @p folder
 * @throws GraderFault with the place, what is free there, and what is needed
 */
void require_space(const std::filesystem::path &folder, std::uintmax_t wanted,
                   std::string_view what, std::string_view variable);

}  // namespace klass
