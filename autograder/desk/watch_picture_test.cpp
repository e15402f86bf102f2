// SPDX-License-Identifier: Apache-2.0
#include "desk/watch_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/wrap.h"

namespace klass::desk {
namespace {

using judge::Status;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::ResultOf;

const report::TextStyle plain{.unicode = false};

judge::CheckResult result(const std::string &id, Status status) {
    return {.id = id,
            .title = "Check " + id,
            .status = status,
            .score = status == Status::passed ? 5.0 : 0.0,
            .max_score = 5,
            .expected = status == Status::passed ? "" : "this of " + id,
            .actual = status == Status::passed ? "" : "that"};
}

WatchPicture picture() {
    WatchPicture picture;
    picture.heading = "04-chardev  A character device";
    picture.folder = "/home/ada/chardev";
    for (const char *id : {"one", "two", "three"})
        picture.checks.push_back({.id = id, .title = std::string("Check ") + id, .points = 5});
    return picture;
}

TEST(Draw, FillsTheWindowExactly) {
    WatchPicture full = picture();
    for (CheckPicture &check : full.checks) {
        check.result = result(check.id, Status::failed);
        check.result->actual = std::string(300, 'x');
        check.fresh = true;
    }
    for (const bool colour : {false, true})
        for (const unsigned columns : {20U, 60U, 80U, 200U})
            for (const unsigned rows : {1U, 5U, 7U, 24U, 90U}) {
                const Frame frame = draw(full, columns, rows, 3, {.colour = colour});
                ASSERT_EQ(frame.lines.size(), rows);
                for (const std::string &line : frame.lines) {
                    std::string bare = line;
                    for (std::size_t at = 0; (at = bare.find('\033')) != std::string::npos;)
                        bare.erase(at, bare.find('m', at) + 1 - at);
                    EXPECT_LE(report::columns_of(bare), columns) << line;
                }
            }
}

TEST(Draw, ShowsFailedChecksWithTheirDetailsBeforeTheOthers) {
    WatchPicture shown = picture();
    shown.phase = Phase::waiting;
    shown.checks[0].result = result("one", Status::passed);
    shown.checks[0].fresh = true;
    shown.checks[2].result = result("three", Status::failed);
    shown.checks[2].fresh = true;
    const auto lines = draw(shown, 80, 24, 0, plain).lines;
    const auto place = [&](const std::string &text) {
        for (std::size_t i = 0; i < lines.size(); ++i)
            if (lines[i].find(text) != std::string::npos)
                return i;
        return std::size_t{999};
    };
    EXPECT_LT(place("Check three"), place("expected  this of three"));
    EXPECT_LT(place("expected  this of three"), place("Check one"));
    EXPECT_LT(place("Check two"), 999U);
    EXPECT_THAT(lines, Contains("waiting for a save"));
}

TEST(Draw, AFailureOfBeforeStaysInSightWhileItIsGradedAgainAndIsNotSaidToBeNew) {
    WatchPicture shown = picture();
    shown.phase = Phase::checking;
    shown.checks[1].result = result("two", Status::failed);
    shown.checks[1].running = true;
    const report::TextStyle coloured{.colour = true, .unicode = false};
    const auto lines = draw(shown, 80, 24, 0, coloured).lines;
    EXPECT_THAT(lines, Contains(HasSubstr("Check two")));
    EXPECT_THAT(lines, Each(Not(HasSubstr("\033[31m"))));
    EXPECT_THAT(lines, Contains(HasSubstr("0 of 3 checks done, running: two")));
}

TEST(Draw, ScrollsAsFarAsThereIsSomething) {
    WatchPicture full = picture();
    for (int i = 0; i < 40; ++i)
        full.checks.push_back({.id = "x", .title = "More " + std::to_string(i)});
    const Frame top = draw(full, 80, 24, 0, plain);
    EXPECT_THAT(top.lines, Contains(HasSubstr("Down: 25 more lines")));
    const Frame bottom = draw(full, 80, 24, SIZE_MAX, plain);
    EXPECT_EQ(bottom.scroll, 25U);
    EXPECT_THAT(bottom.lines, Contains(HasSubstr("More 39")));
    EXPECT_THAT(bottom.lines, Each(Not(HasSubstr("Down:"))));
    EXPECT_THAT(bottom.lines, Contains(HasSubstr("04-chardev")));
}

TEST(Draw, AFailedBuildTakesThePlaceOfTheChecks) {
    WatchPicture shown = picture();
    shown.build = judge::BuildSummary{.error = "the compiler found an error"};
    shown.build->diagnostics = {
        {.severity = "error", .file = "chardev.c", .line = 57, .message = "no such thing"}};
    const auto lines = draw(shown, 80, 24, 0, plain).lines;
    EXPECT_THAT(lines, Contains(HasSubstr("chardev.c:57: error: no such thing")));
    EXPECT_THAT(lines, Each(Not(HasSubstr("Check one"))));
}

TEST(Draw, SaysWhatWentWrongWhatIsBeingMadeAndWhatAHintSays) {
    WatchPicture shown = picture();
    shown.problem = "the folder is gone\033[2J";
    shown.progress = "building the debug kernel: 10 of 20";
    shown.hint = "A title\n  1. gentle\n";
    const auto lines = draw(shown, 80, 24, 0, plain).lines;
    EXPECT_THAT(lines, Contains(HasSubstr("the folder is gone")));
    EXPECT_THAT(lines, Each(Not(HasSubstr("\033"))));
    EXPECT_THAT(lines, Contains("building the debug kernel: 10 of 20"));
    EXPECT_THAT(lines, Contains(HasSubstr("1. gentle")));
}

TEST(Draw, HelpNamesTheKeys) {
    WatchPicture shown = picture();
    shown.help = true;
    EXPECT_THAT(draw(shown, 80, 24, 0, plain).lines, Contains(HasSubstr("Ctrl-C")));
}

TEST(CutTo, CountsColumnsAndNotColours) {
    EXPECT_EQ(cut_to("abcdef", 3), "abc");
    EXPECT_EQ(cut_to("\033[31mabcdef\033[0m", 3), "\033[31mabc\033[0m");
    EXPECT_EQ(cut_to("\033[31mab\033[0mcd", 4), "\033[31mab\033[0mcd");
    EXPECT_EQ(cut_to("✓✓✓", 2), "✓✓");
    EXPECT_EQ(cut_to("", 3), "");
}

}  // namespace
}  // namespace klass::desk
