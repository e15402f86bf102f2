// SPDX-License-Identifier: Apache-2.0
#include "guest/observation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

namespace klass::guest {
namespace {

using State = Observation::State;

TEST(Observation, ReadsAsAStraceLine) {
    Observation write{.what = "write(/dev/cicv, 17 bytes)", .result = 17};
    EXPECT_EQ(write.line(), "write(/dev/cicv, 17 bytes) = 17");
    write.result = -1;
    write.error = EFAULT;
    EXPECT_EQ(write.line(), "write(/dev/cicv, 17 bytes) = -1 EFAULT (Bad address)");
}

TEST(Observation, SaysThatACallDidNotReturn) {
    const Observation read{.what = "read(/dev/cicv, 8)", .state = State::pending};
    EXPECT_EQ(read.line(), "read(/dev/cicv, 8): did not return");
}

TEST(Observation, NamesTheSignalThatKilledAProcess) {
    const Observation read{.what = "read(/dev/cicv, 8)", .state = State::killed, .signal = SIGKILL};
    EXPECT_EQ(read.outcome(), "ended its process, by SIGKILL");
}

// A module may claim to have read more than there was room for.
TEST(Observation, NeverTakesMoreThanTheBufferHeld) {
    const Observation read{.result = 1000, .data = to_bytes("abc")};
    EXPECT_EQ(read.got(), to_bytes("abc"));
}

TEST(Observation, ErrnoWithoutANameKeepsItsNumber) {
    EXPECT_EQ(errno_text(524), "errno 524");
}

}  // namespace
}  // namespace klass::guest
