// SPDX-License-Identifier: Apache-2.0
#include "kernel/gdb_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace klass::kernel {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string script(bool stop_in_init) {
    Kernel kernel;
    kernel.source = "/cache/source";
    kernel.build = "/cache/build";
    kernel.vmlinux = "/cache/build/vmlinux";
    const GdbKit kit{.types = "/cache/types.ko",
                     .scripts = "/cache/scripts",
                     .klass = "/course/kmod/gdb/klass.py",
                     .index = "/cache/index"};
    const std::vector<BuiltModule> modules{{.name = "my\"mod", .path = "/tmp/x/my\"mod.ko"}};
    return gdb_script({.kernel = kernel,
                       .kit = kit,
                       .modules = modules,
                       .sources = "/home/me/work",
                       .socket = "/tmp/x/gdb",
                       .stop_in_init = stop_in_init});
}

TEST(GdbScript, WholeTypesComeBeforeVmlinux) {
    const std::string text = script(true);
    ASSERT_THAT(text, HasSubstr("/cache/types.ko"));
    EXPECT_LT(text.find("/cache/types.ko"), text.find("/cache/build/vmlinux"));
}

TEST(GdbScript, BreakpointsStandBeforeTheGuestRuns) {
    const std::string text = script(true);
    EXPECT_LT(text.find("target remote ' + \"/tmp/x/gdb\""), text.find("klass.begin("));
    EXPECT_LT(text.find("klass.begin("), text.find("klass.stop_in_init()"));
    EXPECT_THAT(script(false), Not(HasSubstr("stop_in_init")));
}

TEST(GdbScript, NamesAreQuoted) {
    EXPECT_THAT(script(true), HasSubstr(R"({"my\"mod": "/tmp/x/my\"mod.ko", })"));
}

TEST(GdbScript, SourcesAreTheStudentsOwn) {
    EXPECT_THAT(script(true), HasSubstr("set substitute-path /klass/submission /home/me/work\n"));
}

}  // namespace
}  // namespace klass::kernel
