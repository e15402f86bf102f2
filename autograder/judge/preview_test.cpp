// SPDX-License-Identifier: Apache-2.0
#include "judge/preview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace klass::judge {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

CheckInfo info(const std::string &id, MachineWish machine = {}) {
    return {
        .id = id, .title = "It does " + id, .points = 5, .hints = {"a hint"}, .machine = machine};
}

std::vector<const CheckInfo *> pointers(const std::vector<CheckInfo> &checks) {
    std::vector<const CheckInfo *> all;
    for (const CheckInfo &check : checks)
        all.push_back(&check);
    return all;
}

TEST(PreviewPlan, TakesBehaviourToDebiansKernelAndNothingElse) {
    const std::vector<CheckInfo> checks{
        info("reads-back"), info("cost", {.flavour = kernel::Flavour::fast}),
        info("race", {.flavour = kernel::Flavour::fast, .icount_shift = 1}),
        info("frames", {.network = true}), info("seek", {.cpus = 2})};
    const PreviewPlan plan = plan_preview({}, pointers(checks));
    EXPECT_THAT(plan.checks,
                ElementsAre(Field(&CheckInfo::id, "reads-back"), Field(&CheckInfo::id, "seek")));
    EXPECT_THAT(plan.not_shown,
                ElementsAre(Field(&NotShown::needs, HasSubstr("measuring")),
                            Field(&NotShown::needs, HasSubstr("counts instructions")),
                            Field(&NotShown::needs, HasSubstr("network card"))));
    EXPECT_EQ(plan.checks[1].machine, (MachineWish{.flavour = kernel::Flavour::stock, .cpus = 2}));
}

TEST(PreviewPlan, GivesNoPoints) {
    const std::vector<CheckInfo> checks{info("reads-back")};
    EXPECT_EQ(plan_preview({}, pointers(checks)).checks.front().points, 0);
}

TEST(PreviewPlan, ShowsNothingOfAStageWhoseSubmissionsAreKernels) {
    const std::vector<CheckInfo> checks{info("boots")};
    const PreviewPlan plan = plan_preview({.kind = Kind::kernel}, pointers(checks));
    EXPECT_THAT(plan.checks, IsEmpty());
    EXPECT_THAT(plan.not_shown, ElementsAre(Field(&NotShown::id, "boots")));
}

Verdict built(std::vector<CheckResult> checks) {
    Verdict verdict;
    verdict.build.ok = true;
    verdict.checks = std::move(checks);
    return verdict;
}

TEST(PreviewOf, WhatTheKernelOrTheGraderCouldNotDoIsNeitherRedNorGreen) {
    const Preview preview =
        preview_of(built({{.id = "a", .status = Status::passed},
                          {.id = "b", .status = Status::failed},
                          {.id = "c", .status = Status::crashed},
                          {.id = "d", .status = Status::timeout},
                          {.id = "e", .status = Status::skipped, .actual = "fault injection"},
                          {.id = "f", .status = Status::judge_error, .actual = "no port"}}),
                   {.not_shown = {{.id = "g", .needs = "a machine with a network card"}}});
    EXPECT_EQ(preview.green(), 1U);
    EXPECT_EQ(preview.red(), 3U);
    EXPECT_THAT(preview.not_shown,
                ElementsAre(Field(&NotShown::id, "g"), Field(&NotShown::needs, "fault injection"),
                            Field(&NotShown::id, "f")));
}

TEST(PreviewOf, ASubmissionThatDoesNotBuildHasNoChecks) {
    Verdict seen = built({{.id = "a", .status = Status::skipped}});
    seen.build.ok = false;
    seen.build.error = "chardev.c does not compile";
    const Preview preview = preview_of(seen, {});
    EXPECT_THAT(preview.checks, IsEmpty());
    EXPECT_THAT(preview.not_shown, IsEmpty());
    EXPECT_EQ(preview.build.error, "chardev.c does not compile");
}

}  // namespace
}  // namespace klass::judge
