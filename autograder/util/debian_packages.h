// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief packages.txt: the Debian packages that Klass needs, and what for.
 */
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace klass {

/** A line of packages.txt. */
struct NeededPackage {
    std::string name;
    std::string group;  ///< what it is for: the list's head has them all
};

/** The packages that packages.txt lists. */
std::vector<NeededPackage> needed_packages(std::string_view list);

}  // namespace klass
