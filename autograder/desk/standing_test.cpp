// SPDX-License-Identifier: Apache-2.0
#include "desk/standing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/wrap.h"

namespace klass::desk {
namespace {

using judge::Status;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const Time noon(std::chrono::seconds(1'790'000'000));

Standing stage(std::string id, StageNotes notes = {}) {
    judge::Manifest manifest;
    manifest.id = std::move(id);
    manifest.title = "A character device";
    manifest.checks = {
        {.id = "node", .title = "The node appears", .points = 5, .hints = {"x"}},
        {.id = "secret", .title = "Something hidden", .points = 5, .hints = {"x"}, .hidden = true},
        {.id = "read", .title = "What was written is read", .points = 10, .hints = {"x"}}};
    return {std::move(manifest), std::move(notes)};
}

StageNotes graded(double score, std::map<std::string, Status> checks) {
    StageNotes notes;
    notes.folder = "/home/ada/chardev";
    notes.best = Best{.score = score, .max_score = 20, .at = noon};
    notes.last = LastGrading{
        .outcome = judge::Outcome::partial, .score = score, .max_score = 20, .at = noon};
    notes.checks = std::move(checks);
    return notes;
}

const std::map<std::string, Status> two_open{
    {"node", Status::passed}, {"secret", Status::failed}, {"read", Status::crashed}};

std::vector<std::string> ids(const std::vector<const judge::CheckInfo *> &checks) {
    std::vector<std::string> ids;
    for (const judge::CheckInfo *check : checks)
        ids.push_back(check->id);
    return ids;
}

TEST(Standing, GoesFromBeginningToEnd) {
    StageNotes notes;
    EXPECT_EQ(next_step(stage("04", notes)), Step::start);
    notes.folder = "/x";
    EXPECT_EQ(next_step(stage("04", notes)), Step::grade);
    notes = graded(5, two_open);
    EXPECT_EQ(next_step(stage("04", notes)), Step::mend);
    notes.last->outcome = judge::Outcome::build_error;
    EXPECT_EQ(next_step(stage("04", notes)), Step::mend_build);
    notes.best->score = 20;
    EXPECT_EQ(next_step(stage("04", notes)), Step::done);
}

TEST(Standing, OpenIsWhatIsNotKnownToPass) {
    EXPECT_THAT(ids(open_checks(stage("04", graded(5, two_open)))), ElementsAre("secret", "read"));
    EXPECT_THAT(ids(open_checks(stage("04"))), ElementsAre("node", "secret", "read"));
}

TEST(Standing, AHintIsForTheFirstThatRanAndFailedAndIsNotHidden) {
    EXPECT_EQ(check_to_mend(stage("04", graded(5, two_open)))->id, "read");
    EXPECT_EQ(check_to_mend(stage("04")), nullptr);
}

TEST(ListText, HasALineAStageAndTheNextStep) {
    const std::vector<Standing> course{stage("03-hello", graded(20, {})),
                                       stage("04-chardev", graded(5, two_open)), stage("05-more")};
    EXPECT_EQ(list_text(course, {.unicode = false}),
              "+ 03-hello    A character device                           20/20  done\n"
              "> 04-chardev  A character device                            5/20  2 checks open\n"
              "  05-more     A character device                            0/20  not begun\n"
              "\n"
              "Next: klass status 04-chardev\n");
}

TEST(ListText, ProposesTheFirstStageToWhoeverHasBegunNothing) {
    const std::vector<Standing> course{stage("03-hello"), stage("04-chardev")};
    EXPECT_THAT(list_text(course, {}), HasSubstr("Next: klass start 03-hello\n"));
    const std::vector<Standing> done{stage("03-hello", graded(20, {}))};
    EXPECT_THAT(list_text(done, {}), HasSubstr("All of it is done."));
}

TEST(ListText, FitsANarrowTerminal) {
    const std::vector<Standing> course{stage("04-chardev", graded(5, two_open))};
    const std::string text = list_text(course, {.width = 60});
    EXPECT_LE(report::columns_of(text.substr(0, text.find('\n'))), 60U);
}

TEST(StatusText, TellsTheOpenChecksAndHowToGetAHint) {
    Standing standing = stage("04-chardev", graded(5, two_open));
    standing.notes.hints = {{"read", 2}};
    const std::string text =
        status_text(standing, false, noon + std::chrono::minutes{5}, {.unicode = false});
    EXPECT_THAT(text, HasSubstr("best    5 of 20 points"));
    EXPECT_THAT(text, HasSubstr("partial, 5 of 20 points, 5 min ago"));
    EXPECT_THAT(text, HasSubstr("2 taken, of 1 check; they cost no points"));
    EXPECT_THAT(text, HasSubstr("2 checks open:\n  x Something hidden (5 points)\n"
                                "  x What was written is read (10 points)\n"
                                "      klass hint 04-chardev read\n"));
    EXPECT_THAT(text, Not(HasSubstr("node appears")));
    EXPECT_THAT(text, Not(HasSubstr("have changed")));
}

TEST(StatusText, SaysThatTheFilesHaveChangedAndQuotesTheFolder) {
    Standing standing = stage("04-chardev", graded(5, two_open));
    standing.notes.folder = "/home/ada/my device";
    const std::string text = status_text(standing, true, noon, {});
    EXPECT_THAT(text, HasSubstr("The files have changed since then."));
    EXPECT_THAT(text, HasSubstr("klass grade '/home/ada/my device'"));
}

TEST(StatusText, OfAStageThatWasNotBegunSaysHowToBegin) {
    EXPECT_THAT(status_text(stage("04-chardev"), false, noon, {}),
                HasSubstr("klass start 04-chardev"));
}

TEST(StatusText, ShowsWhyTheLastBuildFailed) {
    Standing standing = stage("04-chardev", graded(5, two_open));
    standing.notes.last->outcome = judge::Outcome::build_error;
    standing.notes.last->build_error = "chardev.c:57: error: no such thing";
    EXPECT_THAT(status_text(standing, false, noon, {}),
                HasSubstr("chardev.c:57: error: no such thing"));
}

}  // namespace
}  // namespace klass::desk
