// SPDX-License-Identifier: Apache-2.0
#include "util/exec_strings.h"

#include <unistd.h>

#include <string_view>
#include <utility>

namespace klass {

ExecStrings::ExecStrings(std::vector<std::string> strings) : strings_(std::move(strings)) {
    for (std::string &string : strings_)
        pointers_.push_back(string.data());
    pointers_.push_back(nullptr);
}

std::vector<std::string> environment_with(const std::map<std::string, std::string> &added) {
    std::vector<std::string> strings;
    for (char **entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        if (!added.contains(std::string(text.substr(0, text.find('=')))))
            strings.emplace_back(text);
    }
    for (const auto &[name, value] : added)
        strings.emplace_back(name).append("=").append(value);
    return strings;
}

}  // namespace klass
