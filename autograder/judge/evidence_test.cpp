// SPDX-License-Identifier: Apache-2.0
#include "judge/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/conclusion.h"
#include "util/error.h"

namespace klass::judge {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr const char *hung_task =
    "[   31.000000] INFO: task kworker/u4:1:22 blocked for more than 10 seconds.\n"
    "[   31.000001]       Tainted: G           O       6.12.117-klass-debug #1\n"
    "[   31.000002] \"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.\n"
    "[   31.000003] task:kworker/u4:1    state:D stack:0     pid:22    tgid:22    ppid:2\n"
    "[   31.000004] Call Trace:\n"
    "[   31.000005]  <TASK>\n"
    "[   31.000006]  schedule+0x71/0x97\n"
    "[   31.000007]  </TASK>\n";
constexpr const char *warning =
    "[   40.000000] ------------[ cut here ]------------\n"
    "[   40.000001] WARNING: CPU: 0 PID: 41 at /s/chardev.c:47 cicv_read+0x5a/0x90 [chardev]\n"
    "[   40.000002] Call Trace:\n"
    "[   40.000003]  vfs_read+0x1/0x2\n"
    "[   40.000004] ---[ end trace 0000000000000000 ]---\n";

TEST(Evidence, OfAMachineThatRanTimeIsWhatItsKernelSays) {
    const Evidence evidence = console_evidence({.text = hung_task, .starved = 1s}, {});
    ASSERT_TRUE(evidence.crash);
    EXPECT_EQ(evidence.crash->kind, "hung-task");
    EXPECT_FALSE(evidence.doubt);
}

TEST(Evidence, OfAStarvedMachineWhatItsKernelSaysOfTimeIsDoubted) {
    const Evidence evidence = console_evidence({.text = hung_task, .starved = 7s}, {});
    EXPECT_FALSE(evidence.crash);
    ASSERT_TRUE(evidence.doubt);
    EXPECT_THAT(*evidence.doubt, HasSubstr("blocked for more than 10 seconds"));
    EXPECT_THAT(*evidence.doubt, HasSubstr("its machine waited 7.0 s"));
}

TEST(Evidence, OfAStarvedMachineTheOtherReportsCount) {
    const Evidence evidence =
        console_evidence({.text = std::string(hung_task) + warning, .starved = 7s}, {});
    ASSERT_TRUE(evidence.crash);
    EXPECT_THAT(evidence.crash->summary, HasSubstr("chardev.c:47"));
}

CheckResult concluded(const Body &body, const Evidence &evidence) {
    CheckResult result{.max_score = 5};
    conclude(body, evidence, result);
    return result;
}

TEST(Conclude, ADoubtIsNoPassAndCostsNothing) {
    EXPECT_EQ(concluded({}, {}).status, Status::passed);
    EXPECT_THROW(concluded({}, {.doubt = "the kernel says"}), GraderFault);
}

TEST(Conclude, WhatTheSubmissionDidWrongNeedsNoKernelsWord) {
    const Body body{.failed = CheckFailed{.expected = "5 bytes", .actual = "4 bytes"}};
    EXPECT_EQ(concluded(body, {.doubt = "the kernel says"}).status, Status::failed);
}

}  // namespace
}  // namespace klass::judge
