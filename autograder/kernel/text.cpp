// SPDX-License-Identifier: Apache-2.0
#include "kernel/text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace klass::kernel {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/**
 * Length of the well-formed UTF-8 sequence of two to four bytes that the text begins with, else 0.
 * Table 3-7 of the Unicode standard: neither overlong forms, surrogates, nor beyond U+10FFFF.
 */
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
    const std::uint8_t first = byte(0);
    const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                               : first >= 0xE0 && first <= 0xEF ? 3
                               : first >= 0xF0 && first <= 0xF4 ? 4
                                                                : 0;
    if (length == 0 || text.size() < length)
        return 0;
    const std::uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (byte(1) < low || byte(1) > high)
        return 0;
    const std::string_view rest = text.substr(2, length - 2);
    const bool continued = std::all_of(rest.begin(), rest.end(), [](char c) {
        return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80;
    });
    return continued ? length : 0;
}

/** C1 controls, U+0080 to U+009F: some terminals obey them. */
bool is_c1_control(std::string_view sequence) {
    return sequence.size() == 2 && sequence[0] == '\xC2' &&
           static_cast<std::uint8_t>(sequence[1]) < 0xA0;
}

}  // namespace

std::string safe_text(std::string_view bytes) {
    std::string safe;
    safe.reserve(bytes.size());
    while (!bytes.empty()) {
        const char first = bytes[0];
        const bool ascii = static_cast<std::uint8_t>(first) < 0x80;
        const std::size_t length = ascii ? 1 : std::max<std::size_t>(sequence_length(bytes), 1);
        const std::string_view sequence = bytes.substr(0, length);
        const bool fine = ascii
                              ? (first >= ' ' && first != '\x7F') || first == '\t' || first == '\n'
                              : length > 1 && !is_c1_control(sequence);
        if (fine)
            safe += sequence;
        else if (first != '\r')
            safe += replacement;
        bytes.remove_prefix(length);
    }
    return safe;
}

}  // namespace klass::kernel
