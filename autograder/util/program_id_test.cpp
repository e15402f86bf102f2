// SPDX-License-Identifier: Apache-2.0
#include "util/program_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/subprocess.h"

namespace klass {
namespace {

TEST(ProgramId, IsTheOneThatReadelfSees) {
    const std::string id = program_id();
    ASSERT_FALSE(id.empty());
    const Outcome notes = run({.argv = {"readelf", "--notes", "/proc/self/exe"}});
    // That was readelf's own; ours is in the file that this process runs.
    EXPECT_THAT(notes.output, testing::Not(testing::HasSubstr(id)));
    const std::string self = "/proc/" + std::to_string(getpid()) + "/exe";
    EXPECT_THAT(run({.argv = {"readelf", "--notes", self}}).output, testing::HasSubstr(id));
}

}  // namespace
}  // namespace klass
