// SPDX-License-Identifier: Apache-2.0
#include "report/wrap.h"

#include <algorithm>

namespace klass::report {

namespace {

bool begins_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

/** Takes the next word, or as much of it as @p columns hold, off the front of a text. */
std::string_view take_word(std::string_view &text, std::size_t columns) {
    const std::string_view word = first_columns(text.substr(0, text.find(' ')), columns);
    text.remove_prefix(word.size());
    return word;
}

void wrap_line(std::string_view text, std::size_t columns, std::vector<std::string> &lines) {
    const std::size_t indent = std::min(text.find_first_not_of(' '), text.size());
    const std::string indentation(std::min(indent, columns / 2), ' ');
    std::string line;
    text.remove_prefix(indent);
    while (!text.empty()) {
        // Blanks within a line are kept, at a break they go.
        const std::size_t blanks = std::min(text.find_first_not_of(' '), text.size());
        text.remove_prefix(blanks);
        const std::string_view word = take_word(text, columns - indentation.size());
        if (!line.empty() && columns_of(line) + blanks + columns_of(word) > columns) {
            lines.push_back(std::move(line));
            line.clear();
        }
        if (!word.empty())
            line.append(line.empty() ? indentation : std::string(blanks, ' ')).append(word);
    }
    lines.push_back(std::move(line));
}

}  // namespace

std::size_t columns_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string_view first_columns(std::string_view text, std::size_t columns) {
    std::size_t end = 0;
    for (; end < text.size(); ++end)
        if (begins_character(text[end]) && columns-- == 0)
            break;
    return text.substr(0, end);
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
    columns = std::max<std::size_t>(columns, 1);
    std::vector<std::string> lines;
    for (std::size_t end = 0; end != std::string_view::npos;) {
        end = text.find('\n');
        wrap_line(text.substr(0, end), columns, lines);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

std::string without_tabs(std::string_view text, std::size_t stop) {
    std::string result;
    std::size_t column = 0;
    for (const char byte : text) {
        const std::size_t width = byte == '\t' ? stop - column % stop : begins_character(byte);
        if (byte == '\t')
            result.append(width, ' ');
        else
            result.push_back(byte);
        column += width;
    }
    return result;
}

std::size_t character_at(std::string_view text, int column) {
    constexpr std::size_t stop = 8;
    std::size_t shown = 0;
    std::size_t characters = 0;
    for (const char byte : text) {
        if (!begins_character(byte))
            continue;
        ++characters;
        shown += byte == '\t' ? stop - shown % stop : 1;
        if (column > 0 && shown >= static_cast<std::size_t>(column))
            return characters;
    }
    return 0;
}

}  // namespace klass::report
