// SPDX-License-Identifier: Apache-2.0
#include "util/base64.h"

#include <gtest/gtest.h>

namespace klass {
namespace {

TEST(Base64Test, IsThatOfTheStandard) {
    // RFC 4648, section 10.
    EXPECT_EQ(to_base64(to_bytes("")), "");
    EXPECT_EQ(to_base64(to_bytes("f")), "Zg==");
    EXPECT_EQ(to_base64(to_bytes("fooba")), "Zm9vYmE=");
    EXPECT_EQ(to_base64(to_bytes("foobar")), "Zm9vYmFy");
}

TEST(Base64Test, ComesBack) {
    for (std::size_t size = 0; size < 70; ++size) {
        const Bytes bytes(size, static_cast<std::uint8_t>(0xc0 + size));
        EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    }
}

TEST(Base64Test, RefusesOtherText) {
    EXPECT_EQ(from_base64("Zm9v!"), std::nullopt);
    EXPECT_EQ(from_base64("Zg="), std::nullopt);
}

}  // namespace
}  // namespace klass
