// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The random choices of one check, all from the grading's seed.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "util/bytes.h"

namespace klass::judge {

/**
 * A source of random values that two gradings with the same seed share, whatever the library's
 * version: only the raw output of std::mt19937_64 is used, which the standard fixes.
 */
class Random {
  public:
    /** @param check  so that each check has choices of its own, whichever run beside it */
    Random(std::uint64_t seed, std::string_view check);

    /** From @p low to @p high, both possible. */
    std::uint64_t between(std::uint64_t low, std::uint64_t high);
    /** Bytes of any value. */
    Bytes bytes(std::size_t count);
    /** Lower-case letters and digits, beginning with a letter. */
    std::string word(std::size_t length);
    /** Numbers for whatever must not be guessed. */
    std::uint64_t nonce() { return engine_(); }

  private:
    std::mt19937_64 engine_;
};

}  // namespace klass::judge
