// SPDX-License-Identifier: Apache-2.0
#include "kernel/stack_trace.h"

#include <gmock/gmock.h>

namespace klass::kernel {
namespace {

using testing::ElementsAre;
using testing::Field;

TEST(ParseFrame, ReadsFunctionOffsetSizeAndModule) {
    const auto frame = parse_frame(" canary_init+0x45/0x1000 [canary_kasan_uaf]");
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->function, "canary_init");
    EXPECT_EQ(frame->offset, 0x45);
    EXPECT_EQ(frame->size, 0x1000);
    EXPECT_EQ(frame->module, "canary_kasan_uaf");
    EXPECT_TRUE(frame->reliable);
    EXPECT_FALSE(frame->exact);
}

TEST(ParseFrame, ReadsWhatTheKernelPutsAroundIt) {
    EXPECT_FALSE(parse_frame(" ? load_module+0x24d0/0x277a")->reliable);
    EXPECT_TRUE(parse_frame("RIP: 0010:work.constprop.0+0x4/0x8 [m]")->exact);
    EXPECT_EQ(parse_frame("RIP: 0010:work.constprop.0+0x4/0x8 [m]")->function, "work.constprop.0");
    EXPECT_EQ(parse_frame("[<0>] wait_for_completion+0x10/0x20")->function, "wait_for_completion");
    EXPECT_EQ(parse_frame("[<ffffffffa000601b>] f+0x1b/0x20 [m]")->module, "m");
    EXPECT_EQ(parse_frame("        f+0x1/0x2 [m]")->function, "f");
}

TEST(ParseFrame, ReadsBuildIds) {
    const std::string id(40, 'a');
    EXPECT_EQ(parse_frame("f+0x1/0x2 [m " + id + "]")->module, "m");
    EXPECT_EQ(parse_frame("f+0x1/0x2 [" + id + "]")->module, "") << "the kernel's own";
}

TEST(ParseFrame, KeepsAnAddressWithoutASymbol) {
    EXPECT_EQ(parse_frame("RIP: 0010:0x0")->function, "0x0");
    EXPECT_EQ(parse_frame(" ? 0xffffffffa0006000")->function, "0xffffffffa0006000");
}

TEST(ParseFrame, RefusesEverythingElse) {
    for (const char *line :
         {"", " ", "RIP: 0033:0x47fbe9", "RIP: 0010:", "f", "f+0x1", "f+0x1/", "f+1/2",
          "f+0x1/0x2 x", "f+0x1/0x2 [m", "f+0x/0x2", "0+0x1/0x2", "+0x1/0x2", "[<zz>] f+0x1/0x2",
          "[<", "[<0>]", "f+0x11112222333344445/0x2",
          "do_init_module: 'm'->init suspiciously returned 1"})
        EXPECT_FALSE(parse_frame(line)) << line;
}

TEST(FindFrame, FindsOneWithinAText) {
    const auto frame = find_frame("ODEBUG: free active hint: expired+0x0/0x6 [m] and so on");
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->function, "expired");
    EXPECT_EQ(frame->module, "m");
    EXPECT_FALSE(find_frame("1+0x2 f+0x f+0x1 +0x1/0x2"));
}

TEST(ParseStack, ReadsProcPidStack) {
    const std::vector<std::string> lines{"[<0>] completion_read+0x2c/0x60 [completion]",
                                         "[<0>] vfs_read+0xa8/0x2d0",
                                         "[<0>] do_syscall_64+0x6a/0xc5"};
    EXPECT_THAT(parse_stack(lines), ElementsAre(Field(&Frame::module, "completion"),
                                                Field(&Frame::function, "vfs_read"),
                                                Field(&Frame::function, "do_syscall_64")));
}

}  // namespace
}  // namespace klass::kernel
