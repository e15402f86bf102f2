// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Byte strings: what goes into a device and comes out of it.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace klass {

using Bytes = std::vector<std::uint8_t>;

/** The bytes of a text, without a terminating zero. */
Bytes to_bytes(std::string_view text);

/** The bytes as a text; what is not printable ASCII becomes `\xNN`, so it is safe to print. */
std::string printable(std::string_view text);
std::string printable(const Bytes &bytes);

/**
 * Position of the first byte in which the two differ; the shorter length when
 * one is a prefix of the other; nothing when they are equal.
 */
std::optional<std::size_t> first_difference(const Bytes &expected, const Bytes &actual);

/**
 * A short hexdump of @p bytes around @p mark: at most three rows of sixteen,
 * `offset  hex  |text|`, with a line of `^^` under the marked byte. A mark at or
 * beyond the end stands where the next byte would have been.
 */
std::string hexdump_around(const Bytes &bytes, std::size_t mark);

/** "17", "4,096", "524,288": a count as a reader likes it. */
std::string grouped(std::uint64_t number);

/** "1 byte", "17 bytes", "4,096 bytes". */
std::string count_of_bytes(std::size_t count);

/** A structure as it lies in memory, for a system call of a guest. */
template <class Struct>
Bytes bytes_of_struct(const Struct &value) {
    static_assert(std::is_trivially_copyable_v<Struct>);
    Bytes bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

}  // namespace klass
