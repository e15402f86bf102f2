// SPDX-License-Identifier: Apache-2.0
#include "util/debian_packages.h"

#include <gtest/gtest.h>

namespace klass {
namespace {

TEST(NeededPackages, AreReadWithTheirGroups) {
    const auto packages = needed_packages(R"(# a comment of many words
gcc run

gdb look
)");
    ASSERT_EQ(packages.size(), 2U);
    EXPECT_EQ(packages[1].name, "gdb");
    EXPECT_EQ(packages[1].group, "look");
}

}  // namespace
}  // namespace klass
