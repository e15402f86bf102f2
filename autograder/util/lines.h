// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Texts line by line, and without the blanks around them.
 */
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace klass {

/** The part between the spaces, tabs and line ends around it. */
std::string_view trimmed(std::string_view text);

/** The lines without their line feeds; a last line needs none. */
std::vector<std::string> lines_of(std::string_view text);

/** The number right after a name, in a text like those of /proc; 0 when the name is not there. */
double number_after(const std::string &text, std::string_view name);

/**
 * As lines_of(), but copies nothing: calls @p visit with each line, without its line feed; a last
 * line needs none. When @p visit returns a bool, false ends the walk.
 */
template <typename Visit>
void for_each_line(std::string_view text, const Visit &visit) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if constexpr (std::is_same_v<decltype(visit(line)), bool>) {
            if (!visit(line))
                return;
        } else {
            visit(line);
        }
    }
}

}  // namespace klass
