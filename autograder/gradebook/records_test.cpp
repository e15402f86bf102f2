// SPDX-License-Identifier: Apache-2.0
#include "gradebook/records.h"

#include <gmock/gmock.h>

#include "gradebook/class_fixture.h"
#include "util/error.h"

namespace klass::gradebook {
namespace {

using judge::Outcome;
using judge::Status;

class Records : public WithGradebook {};

TEST_F(Records, TheSameHandInIsTakenInOnce) {
    EXPECT_TRUE(hand_in("ada", "A"));
    EXPECT_FALSE(hand_in("ada", "A"));
    EXPECT_TRUE(hand_in("ada", "B"));
    EXPECT_EQ(entry_of("ada").hand_ins, 2U);
}

TEST_F(Records, TheSameFilesAreGradedOnceAndCountForEach) {
    hand_in("ada", "same");
    hand_in("bob", "same");
    hand_in("eve", "other");
    EXPECT_EQ(choose_latest().queued, 2U);
    int gradings = 0;
    grade_all([&](const Job &) {
        ++gradings;
        return verdict_with(10);
    });
    EXPECT_EQ(gradings, 2);
    EXPECT_EQ(entry_of("ada").result->id, entry_of("bob").result->id);
    EXPECT_NE(entry_of("ada").result->id, entry_of("eve").result->id);

    // One who comes later with the same files has the result at once.
    hand_in("sue", "same");
    const Choice later = choose_latest();
    EXPECT_EQ(later.queued, 0U);
    EXPECT_EQ(later.graded, 4U);
    EXPECT_EQ(entry_of("sue").result->id, entry_of("ada").result->id);
}

TEST_F(Records, OtherChecksOrAnotherKernelAreAnotherGrading) {
    hand_in("ada", "same");
    choose_latest();
    grade_all([](const Job &) { return verdict_with(10); });
    hand_in("bob", "same");
    terms_.kernel_key = "kernel-2";
    const Choice choice = choose_latest();
    EXPECT_EQ(choice.queued, 1U);
    EXPECT_EQ(choice.by_other_terms, 1U);  // ada's grade does not move by itself
}

TEST_F(Records, LatestTakesTheLast) {
    hand_in("ada", "old", 100);
    hand_in("ada", "new", 200);
    hand_in("ada", "older", 50);
    EXPECT_EQ(choose_latest().queued, 1U);
    grade_all([](const Job &job) {
        EXPECT_EQ(job.submission, "new");
        return verdict_with(3);
    });
    EXPECT_EQ(entry_of("ada").hand_in->submission, "new");
    EXPECT_EQ(entry_of("ada").result->score, 3);
}

TEST_F(Records, ANewerHandInTakesThePlaceOfOneThatWaits) {
    hand_in("ada", "old", 100);
    choose_latest();
    hand_in("ada", "new", 200);
    EXPECT_EQ(choose_latest().queued, 1U);
    grade_all([](const Job &job) {
        EXPECT_EQ(job.submission, "new");
        return verdict_with(3);
    });
}

TEST_F(Records, BestTakesTheOneWithTheMostPoints) {
    hand_in("ada", "good", 100);
    hand_in("ada", "bad", 200);
    put_hand_in(database(), terms_.stage,
                {.student = "ada", .origin = "/x.zip", .handed_in_at = 300, .finding = "broken"},
                "");
    const Choice choice = choose(database(), Take::best, terms_, 7, false);
    EXPECT_EQ(choice.queued, 2U);
    grade_all([](const Job &job) {
        return verdict_with(10, job.submission == "good" ? Status::passed : Status::failed);
    });
    EXPECT_EQ(entry_of("ada").hand_in->submission, "good");
    EXPECT_EQ(entry_of("ada").result->outcome, Outcome::accepted);
}

TEST_F(Records, AJudgeErrorIsTriedAgainOnlyWhenAskedFor) {
    hand_in("ada", "A");
    hand_in("bob", "A");
    choose_latest();
    grade_all([](const Job &) { return verdict_with(0, Status::judge_error); });
    EXPECT_FALSE(entry_of("ada").has_points());
    EXPECT_EQ(choose_latest().queued, 0U);
    EXPECT_EQ(choose_latest(true).queued, 1U);
    EXPECT_FALSE(entry_of("ada").has_points());
    grade_all([](const Job &) { return verdict_with(10); });
    EXPECT_EQ(entry_of("ada").result->score, 10);
    EXPECT_EQ(entry_of("bob").result->score, 10);
    EXPECT_EQ(choose_latest(true).queued, 0U);
}

TEST_F(Records, WhoHandedInNothingIsThereToo) {
    put_roster(database(), {{.id = "zoe", .name = "Zoe"}, {.id = "ada", .name = "Ada"}});
    hand_in("ada", "A");
    hand_in("stranger", "S");
    const auto all = entries(database(), {.stage = terms_.stage});
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].student.id, "zoe");
    EXPECT_FALSE(all[0].hand_in);
    EXPECT_EQ(all[1].student.name, "Ada");
    EXPECT_FALSE(all[2].student.on_roster);
}

TEST_F(Records, AreFilteredByAFailedCheck) {
    hand_in("ada", "A");
    hand_in("bob", "B");
    choose_latest();
    grade_all([](const Job &job) {
        return verdict_with(10, job.submission == "A" ? Status::failed : Status::passed);
    });
    const auto failed = entries(database(), {.failed = "greets"});
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed[0].student.id, "ada");
    EXPECT_TRUE(entries(database(), {.failed = "other"}).empty());
}

TEST_F(Records, SayWhatTheyDoNotKnow) {
    hand_in("ada", "A");
    EXPECT_NO_THROW(require_known(database(), {.stage = terms_.stage, .student = "ada"}));
    EXPECT_THROW(require_known(database(), {.stage = "04-chardev"}), UsageError);
    EXPECT_THROW(require_known(database(), {.student = "bob"}), UsageError);
}

TEST_F(Records, KeepTheWholeReport) {
    hand_in("ada", "A");
    choose_latest();
    grade_all([](const Job &) { return verdict_with(10, Status::failed); });
    const auto verdict = verdict_of(database(), entry_of("ada").result->id);
    EXPECT_EQ(verdict.checks.at(0).actual, "silence");
    EXPECT_EQ(source_of(database(), "A"), "files of A");
    EXPECT_THROW(verdict_of(database(), 99), UsageError);
}

}  // namespace
}  // namespace klass::gradebook
