// SPDX-License-Identifier: Apache-2.0
#include "gradebook/queue.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "gradebook/class_fixture.h"

namespace klass::gradebook {
namespace {

using judge::Status;

class AQueue : public WithGradebook {
  protected:
    void SetUp() override {
        hand_in("ada", "A");
        hand_in("bob", "B");
        choose_latest();
    }
    /** A child that claims a job, and is killed while it has it. */
    void claim_and_die() {
        database_.reset();  // SQLite's files must not be used on both sides of a fork.
        const pid_t child = fork();
        if (child == 0) {
            Database database(file());
            const bool claimed = Queue(database, terms_).claim().has_value();
            _exit(claimed ? 0 : 1);
        }
        int status = 0;
        waitpid(child, &status, 0);
        ASSERT_EQ(status, 0);
    }
    bool record(Queue &queue, const Job &job) {
        const auto verdict = verdict_with(10);
        return queue.record(job, verdict, report::json_report(verdict).dump());
    }
};

TEST_F(AQueue, HandsOutEachJobOnce) {
    Queue queue(database(), terms_);
    const auto first = queue.claim();
    const auto second = queue.claim();
    ASSERT_TRUE(first && second);
    EXPECT_NE(first->id, second->id);
    EXPECT_FALSE(queue.claim());
    EXPECT_EQ(queue.state().left, 2U);
}

TEST_F(AQueue, TakesBackWhatADeadProcessHeld) {
    claim_and_die();
    Queue queue(database(), terms_);
    const auto first = queue.claim();
    const auto second = queue.claim();
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->losses, 0);  // the others come first
    EXPECT_EQ(second->losses, 1);
    EXPECT_EQ(second->fence, 2);
}

TEST_F(AQueue, DoesNotHearWhoLostTheLease) {
    Queue queue(database(), terms_);
    const auto job = queue.claim();
    ASSERT_TRUE(job);
    // As if the process had been stopped for longer than its lease.
    database().write([](SQLite::Database &db) {
        db.exec("UPDATE job SET lease_until = 1 WHERE state = 'leased'");
    });
    const auto other = queue.claim();
    const auto again = queue.claim();
    ASSERT_TRUE(other && again);
    EXPECT_EQ(again->id, job->id);
    EXPECT_FALSE(record(queue, *job));
    EXPECT_TRUE(record(queue, *again));
    EXPECT_FALSE(record(queue, *again));
    EXPECT_EQ(queue.state().done, 1U);
}

TEST_F(AQueue, RenewalKeepsALease) {
    Queue queue(database(), terms_);
    ASSERT_TRUE(queue.claim());
    database().write([](SQLite::Database &db) {
        db.exec("UPDATE job SET lease_until = 1 WHERE state = 'leased'");
    });
    queue.renew();
    ASSERT_TRUE(queue.claim());
    EXPECT_FALSE(queue.claim());
}

TEST_F(AQueue, PutsAFailureBehindTheOthers) {
    Queue queue(database(), terms_);
    const auto first = queue.claim();
    ASSERT_TRUE(first);
    queue.fail(*first, "no memory");
    const auto second = queue.claim();
    const auto third = queue.claim();
    ASSERT_TRUE(second && third);
    EXPECT_NE(second->id, first->id);
    EXPECT_EQ(third->id, first->id);
    EXPECT_EQ(third->failures, 1);
    EXPECT_EQ(third->last_failure, "no memory");
    queue.fail(*third, "again");
    queue.forgive(*third);
    EXPECT_EQ(queue.claim()->failures, 1);
}

TEST_F(AQueue, AReleaseCountsForNothing) {
    Queue queue(database(), terms_);
    const auto first = queue.claim();
    queue.release(*first);
    const auto again = queue.claim();
    EXPECT_EQ(again->id, first->id);
    EXPECT_EQ(again->failures + again->losses, 0);
}

TEST_F(AQueue, IsOfItsTermsAlone) {
    Terms others = terms_;
    others.checks_digest = "checks-2";
    EXPECT_FALSE(Queue(database(), others).claim());
}

TEST_F(AQueue, KnowsWhoIsGone) {
    EXPECT_FALSE(Queue::is_gone(Queue::this_process()));
    EXPECT_FALSE(Queue::is_gone("another machine 1 2"));
    std::string other = Queue::this_process();
    other.back() = other.back() == '1' ? '2' : '1';  // began at another time
    EXPECT_TRUE(Queue::is_gone(other));
}

TEST_F(AQueue, LetsNobodyChangeAResult) {
    grade_all([](const Job &) { return verdict_with(10); });
    for (const char *sql : {"UPDATE result SET score = 100", "DELETE FROM result",
                            "UPDATE audit SET event = 'x'", "DELETE FROM audit"})
        EXPECT_ANY_THROW(database().write([&](SQLite::Database &db) { db.exec(sql); })) << sql;
}

}  // namespace
}  // namespace klass::gradebook
