// SPDX-License-Identifier: Apache-2.0
#include "report/phrases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/sample_verdicts.h"

namespace klass::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Summary, SaysNoPointsWhenTheGraderFailed) {
    EXPECT_EQ(summary(samples::partial()), "partial: 6 of 29.5 points, 1 of 6 checks");
    EXPECT_EQ(summary(samples::judge_error()), "judge error: 0 of 1 checks");
    EXPECT_EQ(score_text(samples::judge_error()), "");
    EXPECT_THAT(apology(samples::judge_error()), HasSubstr("No points and no attempt are lost."));
}

TEST(NoteOnHidden, CountsThem) {
    EXPECT_EQ(note_on_hidden(samples::accepted()), "Of 1 hidden check only the points are shown.");
    EXPECT_EQ(note_on_hidden(samples::build_error()), "");
    judge::Verdict verdict = samples::partial();
    verdict.checks[0].hidden = true;
    EXPECT_EQ(note_on_hidden(verdict), "Of 2 hidden checks only the points are shown.");
}

TEST(Finding, SaysWhatACheckCameTo) {
    const judge::Verdict verdict = samples::partial();
    EXPECT_EQ(finding(verdict.checks[1]),
              "expected: 5 bytes, and then 0: the end of the file; got: 4,096 bytes: those that "
              "were written, and then bytes that nobody wrote");
    EXPECT_THAT(finding(verdict.checks[2]), HasSubstr("BUG: KASAN: slab-use-after-free"));
    EXPECT_THAT(finding(verdict.checks[3]), HasSubstr("the second write waits in mutex_lock"));
    EXPECT_THAT(finding(verdict.checks[4]), Not(HasSubstr("secret")));
    EXPECT_EQ(finding(verdict.checks[5]), "It was not run.");
    EXPECT_THAT(finding(samples::judge_error().checks[0]), HasSubstr("no points are lost"));
}

TEST(DiagnosticText, IsWhatAnEditorUnderstands) {
    const auto &diagnostics = samples::build_error().build.diagnostics;
    EXPECT_THAT(diagnostic_text(diagnostics[0]), HasSubstr("chardev.c:58:15: error: implicit"));
    EXPECT_EQ(diagnostic_text(diagnostics[1]), "error: \"mymem_read\" [chardev.ko] undefined!");
}

TEST(StudentsFrame, IsTheInnermostOfTheStackThatIsBlamed) {
    judge::Crash crash = *samples::partial().checks[2].crash;
    EXPECT_EQ(students_frame(crash)->line, 58);
    crash.frames.erase(crash.frames.begin(), crash.frames.begin() + 2);
    EXPECT_EQ(students_frame(crash)->line, 188) << "else that which freed the memory";
    crash.frames.clear();
    EXPECT_EQ(students_frame(crash), nullptr);
}

TEST(JudgeFailure, NamesTheCheckWhereItIsOnes) {
    judge::Verdict verdict{.judge_error = "no memory"};
    EXPECT_EQ(judge_failure(verdict), "no memory");
    verdict.checks.push_back({.id = "greets", .status = judge::Status::passed});
    verdict.checks.push_back(
        {.id = "leaves", .status = judge::Status::judge_error, .actual = "no\nanswer"});
    EXPECT_EQ(judge_failure(verdict), "leaves: no answer");
}

TEST(Counted, JoinsRepetitionsInARow) {
    EXPECT_THAT(counted({"a", "b", "b", "a"}), ElementsAre("a", "b, 2 times", "a"));
}

TEST(PointsText, HasNoIdleZeroes) {
    EXPECT_EQ(points_text(0), "0");
    EXPECT_EQ(points_text(100), "100");
    EXPECT_EQ(points_text(2.5), "2.5");
    EXPECT_EQ(points_text(100.0 / 3), "33.33");
}

}  // namespace
}  // namespace klass::report
