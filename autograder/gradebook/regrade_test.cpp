// SPDX-License-Identifier: Apache-2.0
#include "gradebook/regrade.h"

#include <gmock/gmock.h>

#include "gradebook/audit.h"
#include "gradebook/class_fixture.h"
#include "util/error.h"

namespace klass::gradebook {
namespace {

using judge::Outcome;
using judge::Status;
using testing::IsEmpty;
using testing::SizeIs;

class ARegrade : public WithGradebook {
  protected:
    void SetUp() override {
        for (const char *student : {"ada", "bob", "eve"})
            hand_in(student, std::string("of ") + student);
        choose_latest();
        grade_all([](const Job &job) {
            return verdict_with(10, job.submission == "of ada" ? Status::failed : Status::passed);
        });
        terms_.checks_digest = "checks-2";
    }
    /** The new checks: ada passes, bob fails, eve's grading fails. */
    void grade_again(std::int64_t regrade) {
        grade_all(
            [](const Job &job) {
                return verdict_with(10, job.submission == "of ada"   ? Status::passed
                                        : job.submission == "of bob" ? Status::crashed
                                                                     : Status::judge_error);
            },
            regrade);
    }
};

TEST_F(ARegrade, ShowsWhoWouldMoveAndChangesNothing) {
    const Regrade regrade = propose(database(), terms_, {});
    EXPECT_EQ(regrade.hand_ins, 3U);
    EXPECT_EQ(regrade.left, 3U);
    grade_again(regrade.id);
    const Preview preview = gradebook::preview(database(), regrade.id);
    ASSERT_THAT(preview.moves, SizeIs(2));
    EXPECT_EQ(preview.moves[0].student.id, "bob");  // the largest loss first
    EXPECT_EQ(preview.moves[0].before, 10);
    EXPECT_EQ(preview.moves[0].after, 0);
    ASSERT_THAT(preview.moves[1].checks, SizeIs(1));
    EXPECT_EQ(preview.moves[1].checks[0].id, "greets");
    EXPECT_THAT(preview.moves[1].checks[0].before, testing::HasSubstr("silence"));
    EXPECT_EQ(preview.moves[1].checks[0].after, "passed");
    ASSERT_THAT(preview.unjudged, SizeIs(1));
    EXPECT_EQ(preview.unjudged[0].student.id, "eve");
    EXPECT_EQ(entry_of("ada").result->score, 0);
    EXPECT_EQ(entry_of("bob").result->score, 10);
}

TEST_F(ARegrade, IsAppliedWhole) {
    const Regrade regrade = propose(database(), terms_, {});
    EXPECT_THROW(apply(database(), regrade.id), UsageError);  // not graded yet
    grade_again(regrade.id);
    EXPECT_EQ(apply(database(), regrade.id), 2U);
    EXPECT_EQ(entry_of("ada").result->score, 10);
    EXPECT_EQ(entry_of("bob").result->score, 0);
    EXPECT_EQ(entry_of("eve").result->score, 10);  // kept: the grader failed this time
    EXPECT_THROW(apply(database(), regrade.id), UsageError);
    EXPECT_THROW(drop(database(), regrade.id), UsageError);
    EXPECT_THAT(verify(database()).objections, IsEmpty());
}

TEST_F(ARegrade, IsDroppedWhole) {
    const Regrade regrade = propose(database(), terms_, {});
    grade_again(regrade.id);
    drop(database(), regrade.id);
    EXPECT_EQ(entry_of("ada").result->score, 0);
    EXPECT_THROW(apply(database(), regrade.id), UsageError);
    EXPECT_EQ(regrades(database()).at(0).state, "dropped");
    EXPECT_THAT(verify(database()).objections, IsEmpty());
}

TEST_F(ARegrade, ThatWasNotGradedToItsEndCanBeDropped) {
    const Regrade regrade = propose(database(), terms_, {});
    drop(database(), regrade.id);
    EXPECT_FALSE(Queue(database(), terms_, regrade.id).claim());
}

TEST_F(ARegrade, GoesOnWhenItIsProposedAgain) {
    const Regrade first = propose(database(), terms_, {});
    EXPECT_EQ(propose(database(), terms_, {}).id, first.id);
    EXPECT_NE(propose(database(), terms_, {.student = "ada"}).id, first.id);
}

TEST_F(ARegrade, ThatIsOutOfDateIsRefusedWhole) {
    const Regrade old = propose(database(), terms_, {});
    grade_again(old.id);
    const Regrade newer = propose(database(), terms_, {.student = "bob"});
    grade_again(newer.id);
    apply(database(), newer.id);
    EXPECT_THROW(apply(database(), old.id), UsageError);
    EXPECT_EQ(entry_of("ada").result->score, 0);
}

TEST_F(ARegrade, KeepsTheSeedAndComesAfterLiveWork) {
    const Regrade regrade = propose(database(), terms_, {});
    hand_in("new", "of new");
    choose(database(), Take::latest, terms_, 99, false);
    Queue queue(database(), terms_, regrade.id);
    EXPECT_EQ(queue.claim()->submission, "of new");
    EXPECT_EQ(queue.claim()->seed, 7U);
    // A batch leaves regrades to those who asked for them.
    EXPECT_FALSE(Queue(database(), terms_).claim());
}

TEST_F(ARegrade, OfNobody) {
    EXPECT_THROW(propose(database(), terms_, {.student = "nobody"}), UsageError);
    EXPECT_THAT(regrades(database()), IsEmpty());
    EXPECT_THROW(preview(database(), 5), UsageError);
}

TEST(Mended, OneCheckIsReplacedAndTheRestStays) {
    judge::Verdict before = verdict_with(10);
    before.checks.push_back({.id = "leaves", .status = Status::failed, .max_score = 5});
    judge::tally(before);
    judge::Verdict again = before;
    again.checks = {{.id = "leaves", .status = Status::passed, .score = 5, .max_score = 5}};
    const auto mended = gradebook::mended(before, again);
    EXPECT_EQ(mended.score, 15);
    EXPECT_EQ(mended.outcome, Outcome::accepted);
    EXPECT_TRUE(is_mendable(before));
}

TEST(Mended, WhatBuildsNoMoreHasNoPoints) {
    judge::Verdict again = verdict_with(10);
    again.build.ok = false;
    const auto mended = gradebook::mended(verdict_with(10), again);
    EXPECT_EQ(mended.outcome, Outcome::build_error);
    EXPECT_EQ(mended.score, 0);
    EXPECT_EQ(mended.checks.at(0).status, Status::skipped);
    EXPECT_FALSE(is_mendable(mended));
}

}  // namespace
}  // namespace klass::gradebook
