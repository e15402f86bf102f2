// SPDX-License-Identifier: Apache-2.0
#include "util/bytes.h"

#include <gtest/gtest.h>

namespace klass {
namespace {

TEST(Printable, KeepsPrintableAsciiAndEscapesTheRest) {
    EXPECT_EQ(printable(std::string_view("a b~")), "a b~");
    EXPECT_EQ(printable(std::string_view("\x1b[31m\n\xff\0end", 11)),
              "\\x1b[31m\\x0a\\xff\\x00end");
    EXPECT_EQ(printable(Bytes{0x41, 0x7f}), "A\\x7f");
}

TEST(FirstDifference, IsThePositionOrTheShorterLength) {
    EXPECT_EQ(first_difference(to_bytes("abc"), to_bytes("abc")), std::nullopt);
    EXPECT_EQ(first_difference(to_bytes("abc"), to_bytes("abd")), 2U);
    EXPECT_EQ(first_difference(to_bytes("abc"), to_bytes("ab")), 2U);
    EXPECT_EQ(first_difference(to_bytes(""), to_bytes("x")), 0U);
    EXPECT_EQ(first_difference({}, {}), std::nullopt);
}

TEST(Hexdump, MarksAByteBetweenItsNeighbouringRows) {
    Bytes bytes;
    for (int i = 0; i < 80; ++i)
        bytes.push_back(static_cast<std::uint8_t>(i));
    EXPECT_EQ(hexdump_around(bytes, 0x21),
              "0010  10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f  |................|\n"
              "0020  20 21 22 23 24 25 26 27 28 29 2a 2b 2c 2d 2e 2f  | !\"#$%&'()*+,-./|\n"
              "         ^^\n"
              "0030  30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f  |0123456789:;<=>?|\n");
}

TEST(Hexdump, MarksTheEndOfShortBytes) {
    EXPECT_EQ(hexdump_around(to_bytes("hi"), 99),
              "0000  68 69                                            |hi|\n"
              "            ^^\n");
    EXPECT_EQ(hexdump_around({}, 0),
              "0000                                                   ||\n"
              "      ^^\n");
}

TEST(Hexdump, MarksTheEndOfAFullRowInAnEmptyOne) {
    EXPECT_EQ(hexdump_around(to_bytes("0123456789abcdef"), 16),
              "0000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  |0123456789abcdef|\n"
              "0010                                                   ||\n"
              "      ^^\n");
}

TEST(Counts, HaveThousandsSeparatedAndOneByteIsSingular) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567), "1,234,567");
    EXPECT_EQ(count_of_bytes(0), "0 bytes");
    EXPECT_EQ(count_of_bytes(1), "1 byte");
    EXPECT_EQ(count_of_bytes(4096), "4,096 bytes");
}

}  // namespace
}  // namespace klass
