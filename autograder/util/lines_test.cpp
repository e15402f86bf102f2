// SPDX-License-Identifier: Apache-2.0
#include "util/lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace klass {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Trimmed, IsWithoutTheBlanksAroundIt) {
    EXPECT_EQ(trimmed(" \ttwo words \r\n"), "two words");
    EXPECT_EQ(trimmed("word"), "word");
    EXPECT_EQ(trimmed(" \n"), "");
    EXPECT_EQ(trimmed(""), "");
}

TEST(LinesOf, ALastLineNeedsNoLineFeed) {
    EXPECT_THAT(lines_of("one\n\n two \nthree"), ElementsAre("one", "", " two ", "three"));
    EXPECT_THAT(lines_of("one\n"), ElementsAre("one"));
    EXPECT_THAT(lines_of("\n"), ElementsAre(""));
    EXPECT_THAT(lines_of(""), IsEmpty());
}

TEST(ForEachLine, EndsWhenItIsToldTo) {
    std::vector<std::string> seen;
    for_each_line("one\ntwo\nthree\n", [&](std::string_view line) {
        seen.emplace_back(line);
        return line != "two";
    });
    EXPECT_THAT(seen, ElementsAre("one", "two"));
}

TEST(NumberAfter, ReadsWhatFollowsTheName) {
    EXPECT_EQ(number_after("TCP: inuse 2 alloc 13 mem 0", "alloc "), 13);
    EXPECT_EQ(number_after("now at 12345678901 nsecs", "now at "), 12345678901.0);
    EXPECT_EQ(number_after(".idle_sleeptime : 1.5", ".idle_sleeptime :"), 1.5);
    EXPECT_EQ(number_after("TCP: inuse 2", "alloc "), 0);
}

}  // namespace
}  // namespace klass
