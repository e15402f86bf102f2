// SPDX-License-Identifier: Apache-2.0
#include "judge/random.h"

#include <charconv>

#include "util/digest.h"

namespace klass::judge {

namespace {

std::uint64_t mix(std::uint64_t seed, std::string_view check) {
    Digest digest;
    digest.add(std::to_string(seed)).add(check);
    const std::string hex = digest.hex();
    std::uint64_t value = 0;
    std::from_chars(hex.data(), hex.data() + 16, value, 16);
    return value;
}

}  // namespace

Random::Random(std::uint64_t seed, std::string_view check) : engine_(mix(seed, check)) {}

std::uint64_t Random::between(std::uint64_t low, std::uint64_t high) {
    const std::uint64_t span = high - low;
    if (span == ~std::uint64_t{0})
        return engine_();
    // Draws again rather than favour small values.
    const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % (span + 1);
    std::uint64_t draw = engine_();
    while (draw >= limit)
        draw = engine_();
    return low + draw % (span + 1);
}

Bytes Random::bytes(std::size_t count) {
    Bytes bytes(count);
    for (std::uint8_t &byte : bytes)
        byte = static_cast<std::uint8_t>(engine_() >> 32);
    return bytes;
}

std::string Random::word(std::size_t length) {
    static constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::string word;
    for (std::size_t i = 0; i < length; ++i)
        word += letters[between(0, i == 0 ? 25 : letters.size() - 1)];
    return word;
}

}  // namespace klass::judge
