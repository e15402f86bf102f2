// SPDX-License-Identifier: Apache-2.0
#include "judge/difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace klass::judge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Verdict graded() {
    Verdict verdict;
    verdict.submission.sha256 = "a";
    verdict.kernel = {"debug", "6.12.1", "key"};
    verdict.qemu = {"7.2", "tcg", {"/usr/bin/qemu", "-m", "256M", "-kernel", "/cache/k"}};
    verdict.checks_sha256 = "c";
    return verdict;
}

TEST(Differences, OfTheSameGradingThereAreNone) {
    EXPECT_THAT(differences(graded(), graded()), IsEmpty());
}

TEST(Differences, EachThingThatShapesAGradingIsNamed) {
    Verdict now = graded();
    now.submission.sha256 = "b";
    EXPECT_THAT(differences(graded(), now), ElementsAre(HasSubstr("sources")));
    now = graded();
    now.kernel.key = "another";
    EXPECT_THAT(differences(graded(), now), ElementsAre(HasSubstr("kernel")));
    now = graded();
    now.qemu.version = "8.0";
    EXPECT_THAT(differences(graded(), now), ElementsAre(HasSubstr("7.2 then, 8.0 now")));
    now = graded();
    now.qemu.accelerator = "kvm";
    EXPECT_THAT(differences(graded(), now), ElementsAre(HasSubstr("tcg then, kvm now")));
    now = graded();
    now.qemu.command[2] = "512M";
    EXPECT_THAT(differences(graded(), now), ElementsAre(HasSubstr("command line")));
    now = graded();
    now.checks_sha256 = "d";
    EXPECT_THAT(differences(graded(), now), ElementsAre(HasSubstr("checks may differ")));
}

TEST(Differences, WhereTheCacheLiesIsNone) {
    Verdict now = graded();
    now.qemu.command[4] = "/elsewhere/k";
    EXPECT_THAT(differences(graded(), now), IsEmpty());
}

TEST(Differences, WhatAnOldReportDoesNotKnowIsNone) {
    Verdict then = graded();
    then.checks_sha256.clear();
    EXPECT_THAT(differences(then, graded()), IsEmpty());
}

}  // namespace
}  // namespace klass::judge
