// SPDX-License-Identifier: Apache-2.0
#include "desk/hints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace klass::desk {
namespace {

using testing::HasSubstr;
using testing::Not;

const judge::CheckInfo check{.id = "end-of-file",
                             .title = "A reader reaches the end",
                             .hints = {"gentle", "more", "direct"},
                             .book = "ch04-read"};

TEST(Hints, ComeOneMoreEachTimeAndEnd) {
    StageNotes notes;
    for (const std::size_t expected : {1U, 2U, 3U, 3U})
        EXPECT_EQ(take_hint(notes, check, {}), expected);
    EXPECT_EQ(notes.hints["end-of-file"], 3U);
}

TEST(Hints, AgainTakesNoNewOne) {
    StageNotes notes;
    EXPECT_EQ(take_hint(notes, check, {.again = true}), 0U);
    take_hint(notes, check, {});
    EXPECT_EQ(take_hint(notes, check, {.again = true}), 1U);
    EXPECT_EQ(notes.hints["end-of-file"], 1U);
}

TEST(Hints, DepthShowsSoManyAndForgetsNone) {
    StageNotes notes;
    EXPECT_EQ(take_hint(notes, check, {.depth = 2}), 2U);
    EXPECT_EQ(take_hint(notes, check, {.depth = 1}), 1U);
    EXPECT_EQ(take_hint(notes, check, {.depth = 9}), 3U);
    EXPECT_EQ(notes.hints["end-of-file"], 3U);
}

TEST(Hints, OfAStageWithFewerThanBeforeEndEarlier) {
    StageNotes notes;
    notes.hints["end-of-file"] = 7;
    EXPECT_EQ(take_hint(notes, check, {.again = true}), 3U);
    EXPECT_EQ(take_hint(notes, check, {}), 3U);
}

TEST(HintText, ShowsNoMoreThanWasTakenAndHowToGoOn) {
    const std::string text = hint_text(check, 2, "klass hint 04-chardev", {});
    EXPECT_THAT(text, HasSubstr("  1. gentle\n  2. more\n"));
    EXPECT_THAT(text, Not(HasSubstr("direct")));
    EXPECT_THAT(text, HasSubstr("Hint 2 of 3; they cost no points. One more: klass hint "
                                "04-chardev\n"));
}

TEST(HintText, SaysWhenItIsTheLast) {
    EXPECT_THAT(hint_text(check, 3, "h", {}), HasSubstr("That was the last of 3."));
    EXPECT_THAT(hint_text(check, 0, "h", {}),
                HasSubstr("No hint was taken yet. The first of 3: h\n"));
}

}  // namespace
}  // namespace klass::desk
