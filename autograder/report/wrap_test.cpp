// SPDX-License-Identifier: Apache-2.0
#include "report/wrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace klass::report {
namespace {

using testing::ElementsAre;

TEST(Columns, CountCodePoints) {
    EXPECT_EQ(columns_of(""), 0U);
    EXPECT_EQ(columns_of("a\u2713b"), 3U);
    EXPECT_EQ(first_columns("a\u2713b", 2), "a\u2713");
    EXPECT_EQ(first_columns("ab", 5), "ab");
    EXPECT_EQ(first_columns("ab", 0), "");
}

TEST(Wrapped, BreaksAtBlanks) {
    EXPECT_THAT(wrapped("one two three", 7), ElementsAre("one two", "three"));
    EXPECT_THAT(wrapped("one two three", 8), ElementsAre("one two", "three"));
    EXPECT_THAT(wrapped("one two", 80), ElementsAre("one two"));
}

TEST(Wrapped, KeepsBlanksInsideALineAndIndentation) {
    EXPECT_THAT(wrapped("  a   b", 80), ElementsAre("  a   b"));
    EXPECT_THAT(wrapped("  aa bb cc", 7), ElementsAre("  aa bb", "  cc"));
    EXPECT_THAT(wrapped("      abcdef", 4), ElementsAre("  ab", "  cd", "  ef"));
    EXPECT_THAT(wrapped("aaaa   bbbb ", 6), ElementsAre("aaaa", "bbbb"));
}

TEST(Wrapped, BreaksALongWordInside) {
    EXPECT_THAT(wrapped("abcdefgh ij", 3), ElementsAre("abc", "def", "gh", "ij"));
    EXPECT_THAT(wrapped("\u2713\u2713\u2713", 2), ElementsAre("\u2713\u2713", "\u2713"));
}

TEST(Wrapped, KeepsLineEnds) {
    EXPECT_THAT(wrapped("a\n\nb", 10), ElementsAre("a", "", "b"));
    EXPECT_THAT(wrapped("", 10), ElementsAre(""));
}

TEST(WithoutTabs, GoesToTheNextStop) {
    EXPECT_EQ(without_tabs("\tif\t(x)"), "        if      (x)");
    EXPECT_EQ(without_tabs("\u2713\tx", 4), "\u2713   x");
}

TEST(CharacterAt, CountsTabsAsOneCharacter) {
    EXPECT_EQ(character_at("\tssize_t ret;", 17), 10U);
    EXPECT_EQ(character_at("\u2713\tx", 9), 3U);
    EXPECT_EQ(character_at("abc", 1), 1U);
    EXPECT_EQ(character_at("abc", 4), 0U);
    EXPECT_EQ(character_at("abc", 0), 0U);
    EXPECT_EQ(character_at("", 1), 0U);
}

}  // namespace
}  // namespace klass::report
