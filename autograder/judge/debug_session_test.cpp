// SPDX-License-Identifier: Apache-2.0
#include "judge/debug_session.h"

#include <gtest/gtest.h>

namespace klass::judge {
namespace {

TEST(DebugRequest, LoadHasANameAndParameters) {
    const auto request = DebugRequest::parse("load hello who=you  times=3");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->verb, DebugRequest::Verb::load);
    EXPECT_EQ(request->name, "hello");
    EXPECT_EQ(request->arguments, "who=you  times=3");
}

TEST(DebugRequest, UnloadHasAName) {
    const auto request = DebugRequest::parse("unload  hello");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->verb, DebugRequest::Verb::unload);
    EXPECT_EQ(request->name, "hello");
    EXPECT_EQ(request->arguments, "");
}

TEST(DebugRequest, RunTakesTheRestOfTheLineAsItIs) {
    const auto request = DebugRequest::parse("run echo  'a  b' > /dev/cicv");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->verb, DebugRequest::Verb::run);
    EXPECT_EQ(request->arguments, "echo  'a  b' > /dev/cicv");
}

TEST(DebugRequest, AnythingElseIsNone) {
    for (const char *line : {"", " ", "load", "unload ", "run", "run  ", "reboot now", "loadx y"})
        EXPECT_FALSE(DebugRequest::parse(line)) << line;
}

}  // namespace
}  // namespace klass::judge
