// SPDX-License-Identifier: Apache-2.0
#include "judge/verdict.h"

#include <gtest/gtest.h>

#include <cmath>

namespace klass::judge {
namespace {

CheckResult check(Status status, double score, double max_score) {
    CheckResult result;
    result.status = status;
    result.score = score;
    result.max_score = max_score;
    return result;
}

Verdict built(std::vector<CheckResult> checks) {
    Verdict verdict;
    verdict.build.ok = true;
    verdict.checks = std::move(checks);
    tally(verdict);
    return verdict;
}

TEST(Table, IsWellFormedWhenEachCurveHasAValueForEachX) {
    const Table good{.x = {1, 64}, .curves = {{"read", {3, std::nan("")}}}};
    EXPECT_TRUE(well_formed(good));
    EXPECT_FALSE(well_formed(Table{}));
    const auto with = [&](std::vector<double> x, std::vector<Curve> curves) {
        return well_formed(Table{.x = std::move(x), .curves = std::move(curves)});
    };
    EXPECT_FALSE(with({1, 64}, {}));
    EXPECT_FALSE(with({1, 64}, {{"read", {3}}}));
    EXPECT_FALSE(with({1, 64}, {{"read", {3, 4, 5}}}));
    EXPECT_FALSE(with({64, 1}, {{"read", {3, 4}}}));
    EXPECT_FALSE(with({1, 1}, {{"read", {3, 4}}}));
    EXPECT_FALSE(with({1, std::nan("")}, {{"read", {3, 4}}}));
}

TEST(Picture, IsWellFormedWhenItIsAPngAndItsMarksCanBeDrawn) {
    const Bytes png{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0};
    const auto with = [](unsigned width, unsigned height, Bytes file, std::vector<Mark> marks) {
        return well_formed(Picture{.title = {},
                                   .width = width,
                                   .height = height,
                                   .png = std::move(file),
                                   .marks = std::move(marks)});
    };
    EXPECT_TRUE(with(1, 1, png, {}));
    EXPECT_TRUE(with(1, 1, png, {{.towards = 1}, {.x = 1, .towards = 1}}));
    EXPECT_FALSE(with(0, 1, png, {}));
    EXPECT_FALSE(with(1, 0, png, {}));
    EXPECT_FALSE(with(1, 1, {'G', 'I', 'F', '8', '9', 'a', 0, 0, 0}, {}));
    EXPECT_FALSE(with(1, 1, {0x89, 'P'}, {}));
    EXPECT_FALSE(with(1, 1, png, {{.towards = 1}}));
    EXPECT_FALSE(with(1, 1, png, {{.x = std::nan("")}}));
}

TEST(Names, GoBothWays) {
    for (const char *name : {"accepted", "partial", "failed", "build_error", "judge_error"})
        EXPECT_STREQ(to_string(outcome_from(name).value()), name);
    for (const char *name : {"passed", "failed", "timeout", "crashed", "skipped", "judge_error"})
        EXPECT_STREQ(to_string(status_from(name).value()), name);
    EXPECT_STREQ(to_string(Outcome::build_error), "build_error");
    EXPECT_STREQ(to_string(Status::crashed), "crashed");
    EXPECT_EQ(outcome_from("passed"), std::nullopt);
    EXPECT_EQ(status_from(""), std::nullopt);
}

TEST(Tally, FullMarksAreAccepted) {
    const Verdict verdict = built({check(Status::passed, 5, 5), check(Status::passed, 2.5, 2.5)});
    EXPECT_EQ(verdict.outcome, Outcome::accepted);
    EXPECT_DOUBLE_EQ(verdict.score, 7.5);
    EXPECT_DOUBLE_EQ(verdict.max_score, 7.5);
}

TEST(Tally, PartsOfAPointSumToFullMarks) {
    EXPECT_EQ(built(std::vector(10, check(Status::passed, 0.1, 0.1))).outcome, Outcome::accepted);
}

TEST(Tally, SomeMarksArePartialAndNoneIsFailed) {
    EXPECT_EQ(built({check(Status::passed, 5, 5), check(Status::crashed, 0, 5)}).outcome,
              Outcome::partial);
    EXPECT_EQ(built({check(Status::timeout, 0, 5), check(Status::skipped, 0, 5)}).outcome,
              Outcome::failed);
}

TEST(Tally, AFailureOfOursIsNeverTheStudents) {
    const Verdict verdict = built({check(Status::passed, 5, 5), check(Status::judge_error, 0, 5)});
    EXPECT_EQ(verdict.outcome, Outcome::judge_error);
    EXPECT_FALSE(verdict.judge_error.empty());

    Verdict broken;
    broken.judge_error = "QEMU did not start";
    tally(broken);
    EXPECT_EQ(broken.outcome, Outcome::judge_error);
    EXPECT_EQ(broken.judge_error, "QEMU did not start");
}

TEST(Tally, AFailedBuildCostsAllPoints) {
    Verdict verdict;
    verdict.checks = {check(Status::skipped, 0, 5), check(Status::skipped, 0, 5)};
    tally(verdict);
    EXPECT_EQ(verdict.outcome, Outcome::build_error);
    EXPECT_DOUBLE_EQ(verdict.score, 0);
    EXPECT_DOUBLE_EQ(verdict.max_score, 10);
}

TEST(Tally, NothingShownIsNotAPass) {
    const Verdict verdict = built({});
    EXPECT_EQ(verdict.outcome, Outcome::judge_error);
    EXPECT_EQ(verdict.judge_error, "no check was carried out");
}

}  // namespace
}  // namespace klass::judge
