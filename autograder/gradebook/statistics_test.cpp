// SPDX-License-Identifier: Apache-2.0
#include "gradebook/statistics.h"

#include <gmock/gmock.h>

#include "gradebook/class_fixture.h"

namespace klass::gradebook {
namespace {

using judge::Status;
using testing::ElementsAre;

class InFigures : public WithGradebook {};

judge::Verdict with_crash(const std::string &function) {
    judge::Verdict verdict = verdict_with(10, Status::crashed);
    judge::Crash crash{.kind = "kasan", .summary = "BUG: KASAN"};
    crash.frames.push_back({.function = "kfree"});
    crash.frames.push_back({.function = function, .file = "hello.c", .line = 7});
    verdict.checks[0].crash = crash;
    // The same crash in a second check is one student's all the same.
    verdict.checks.push_back(verdict.checks[0]);
    verdict.checks[1].id = "leaves";
    judge::tally(verdict);
    return verdict;
}

TEST_F(InFigures, ChecksAndCrashes) {
    for (const char *student : {"ada", "bob", "eve", "sue", "zoe"})
        hand_in(student, student);
    choose_latest();
    grade_all([](const Job &job) {
        return job.submission == "ada"   ? verdict_with(10)
               : job.submission == "zoe" ? verdict_with(10, Status::judge_error)
               : job.submission == "sue" ? with_crash("hello_exit")
                                         : with_crash("hello_init");
    });
    const Statistics statistics = statistics_of(database(), terms_.stage);
    EXPECT_EQ(statistics.students, 4U);
    EXPECT_EQ(*statistics.median, 0);
    EXPECT_EQ(*statistics.highest, 10);
    ASSERT_EQ(statistics.checks.size(), 2U);
    EXPECT_EQ(statistics.checks[0].id, "greets");
    EXPECT_EQ(statistics.checks[0].failed, 3U);
    EXPECT_EQ(statistics.checks[0].of, 4U);
    ASSERT_EQ(statistics.crashes.size(), 2U);
    EXPECT_EQ(statistics.crashes[0].place, "in hello_init (hello.c)");
    EXPECT_THAT(statistics.crashes[0].students, ElementsAre("bob", "eve"));
}

TEST_F(InFigures, OfNobody) {
    const Statistics statistics = statistics_of(database(), terms_.stage);
    EXPECT_EQ(statistics.students, 0U);
    EXPECT_FALSE(statistics.median);
}

}  // namespace
}  // namespace klass::gradebook
