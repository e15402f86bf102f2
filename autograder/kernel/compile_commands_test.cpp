// SPDX-License-Identifier: Apache-2.0
#include "kernel/compile_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace klass::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ShellWords, TakesQuotesAndBackslashesOff) {
    EXPECT_THAT(shell_words(R"(gcc  -DA='"b c"' "-D E" -I\ x '')"),
                ElementsAre("gcc", "-DA=\"b c\"", "-D E", "-I x", ""));
}

TEST(ShellWords, EndsAtAnOperator) {
    EXPECT_THAT(shell_words("gcc -c x.c ; objtool x.o"), ElementsAre("gcc", "-c", "x.c"));
    EXPECT_THAT(shell_words("gcc '-Da;b'&& rm x"), ElementsAre("gcc", "-Da;b"));
}

TEST(ShellWords, KnowsNothingOfAQuoteThatDoesNotEnd) {
    EXPECT_THAT(shell_words("gcc 'x"), IsEmpty());
    EXPECT_THAT(shell_words(""), IsEmpty());
}

// As Kbuild writes .chardev.o.cmd and its neighbours for a module outside of the tree.
constexpr const char *cmd_files =
    R"(savedcmd_/klass/submission/chardev.o := gcc -Wp,-MMD,/klass/submission/.chardev.o.d -I/klass/linux/include -I./include -include /klass/linux/include/linux/kconfig.h -DKBUILD_MODFILE='"/klass/submission/chardev"' -DPRICE='"\#1$$"' -c -o /klass/submission/chardev.o /klass/submission/chardev.c ; ./tools/objtool/objtool --mcount /klass/submission/chardev.o
source_/klass/submission/chardev.o := /klass/submission/chardev.c
savedcmd_/klass/submission/chardev.mod.o := gcc -c -o /klass/submission/chardev.mod.o /klass/submission/chardev.mod.c
source_/klass/submission/chardev.mod.o := /klass/submission/chardev.mod.c
savedcmd_/klass/submission/start.o := gcc -c -o /klass/submission/start.o /klass/submission/start.S
source_/klass/submission/start.o := /klass/submission/start.S
source_/klass/submission/lost.o := /klass/submission/lost.c
source_/klass/submission/alien.o := /etc/alien.c
savedcmd_/klass/submission/alien.o := gcc -c /etc/alien.c
savedcmd_/klass/submission/.module-common.o := gcc -c -o .module-common.o /klass/linux/scripts/module-common.c
source_/klass/submission/.module-common.o := /klass/linux/scripts/module-common.c
nonsense
)";

TEST(CompileCommands, AreThoseOfTheSubmissionsOwnCFiles) {
    const auto commands = parse_commands(cmd_files);
    ASSERT_EQ(commands.size(), 1U);
    EXPECT_EQ(commands[0].file, "chardev.c");
    EXPECT_THAT(commands[0].arguments, testing::Contains("-DPRICE=\"#1$\""));
    EXPECT_EQ(commands[0].arguments.back(), "/klass/submission/chardev.c");
}

TEST(CompileCommands, NameTheHostsFolders) {
    Kernel kernel;
    kernel.source = "/cache/source/6.12";
    kernel.build = "/cache/kernel/debug/build";
    const auto json = compile_commands(parse_commands(cmd_files), kernel, "/work place/chardev");
    ASSERT_EQ(json.size(), 1U);
    EXPECT_EQ(json[0]["directory"], "/cache/kernel/debug/build");
    EXPECT_EQ(json[0]["file"], "/work place/chardev/chardev.c");
    EXPECT_THAT(
        json[0]["arguments"].get<std::vector<std::string>>(),
        ElementsAre("gcc", "-I/cache/source/6.12/include", "-I./include", "-include",
                    "/cache/source/6.12/include/linux/kconfig.h",
                    "-DKBUILD_MODFILE=\"/work place/chardev/chardev\"", "-DPRICE=\"#1$\"", "-c",
                    "-o", "/work place/chardev/chardev.o", "/work place/chardev/chardev.c"));
}

TEST(CompileCommands, LeaveOtherFoldersThatBeginAlikeAlone) {
    Kernel kernel;
    kernel.build = "/b";
    const auto json = compile_commands(
        {{.file = "x.c",
          .arguments = {"/klass/buildings/x", "-fdebug-prefix-map=/klass/build=/b"}}},
        kernel, "/w");
    EXPECT_THAT(json[0]["arguments"].get<std::vector<std::string>>(),
                ElementsAre("/klass/buildings/x", "-fdebug-prefix-map=/b=/b"));
}

}  // namespace
}  // namespace klass::kernel
