// SPDX-License-Identifier: Apache-2.0
#include "util/bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace klass {

namespace {

constexpr std::size_t row_length = 16;

bool is_printable(std::uint8_t byte) {
    return byte >= 0x20 && byte < 0x7f;
}

template <typename Range>
std::string escaped(const Range &range) {
    std::string text;
    for (const auto element : range) {
        const auto byte = static_cast<std::uint8_t>(element);
        if (is_printable(byte))
            text.push_back(static_cast<char>(byte));
        else
            fmt::format_to(std::back_inserter(text), "\\x{:02x}", byte);
    }
    return text;
}

/** One row without its line end: offset, hexadecimal digits, text. */
std::string hexdump_row(const Bytes &bytes, std::size_t start) {
    std::string hex;
    std::string text;
    for (std::size_t at = start; at < std::min(start + row_length, bytes.size()); ++at) {
        fmt::format_to(std::back_inserter(hex), "{}{:02x}", at == start ? "" : " ", bytes[at]);
        text.push_back(is_printable(bytes[at]) ? static_cast<char>(bytes[at]) : '.');
    }
    return fmt::format("{:04x}  {:<47}  |{}|", start, hex, text);
}

}  // namespace

Bytes to_bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

std::string printable(std::string_view text) {
    return escaped(text);
}

std::string printable(const Bytes &bytes) {
    return escaped(bytes);
}

std::optional<std::size_t> first_difference(const Bytes &expected, const Bytes &actual) {
    const auto [left, right] =
        std::mismatch(expected.begin(), expected.end(), actual.begin(), actual.end());
    if (left == expected.end() && right == actual.end())
        return std::nullopt;
    return static_cast<std::size_t>(left - expected.begin());
}

std::string hexdump_around(const Bytes &bytes, std::size_t mark) {
    mark = std::min(mark, bytes.size());
    const std::size_t marked_row = mark / row_length * row_length;
    const std::size_t first_row = marked_row == 0 ? 0 : marked_row - row_length;
    std::string dump;
    for (std::size_t row = first_row; row <= marked_row + row_length; row += row_length) {
        // The marked row is shown even when empty: its mark says where the bytes ended.
        if (row >= bytes.size() && row != marked_row)
            continue;
        dump += hexdump_row(bytes, row) + "\n";
        if (row == marked_row) {
            const std::size_t offset_width = fmt::formatted_size("{:04x}  ", row);
            dump += std::string(offset_width + 3 * (mark - row), ' ') + "^^\n";
        }
    }
    return dump;
}

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

std::string count_of_bytes(std::size_t count) {
    return count == 1 ? "1 byte" : grouped(count) + " bytes";
}

}  // namespace klass
