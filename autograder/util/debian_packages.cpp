// SPDX-License-Identifier: Apache-2.0
#include "util/debian_packages.h"

#include <sstream>

namespace klass {

std::vector<NeededPackage> needed_packages(std::string_view list) {
    std::vector<NeededPackage> packages;
    std::istringstream lines{std::string(list)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        NeededPackage package;
        if (!line.starts_with('#') && words >> package.name >> package.group)
            packages.push_back(std::move(package));
    }
    return packages;
}

}  // namespace klass
