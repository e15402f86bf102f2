// SPDX-License-Identifier: Apache-2.0
#include "kernel/diagnostics.h"

#include <gmock/gmock.h>

namespace klass::kernel {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

std::vector<Diagnostic> parse(std::string_view output) {
    return parse_build_output(output, "/klass/submission");
}

/** The one diagnostic of an output that must have one. */
Diagnostic only(std::string_view output) {
    const auto found = parse(output);
    EXPECT_THAT(found, SizeIs(1));
    return found.empty() ? Diagnostic{} : found[0];
}

TEST(Diagnostics, ACompilerErrorWithItsSourceLine) {
    // gcc 12's own words for a real mistake.
    const auto found = only(
        "make: Entering directory '/klass/build'\n"
        "  CC [M]  /klass/submission/hello.o\n"
        "/klass/submission/hello.c: In function 'hello_init':\n"
        "/klass/submission/hello.c:4:50: error: 'who' undeclared (first use in this function)\n"
        "    4 |         pr_info(\"Hello %s\\n\", who);\n"
        "      |                               ^~~\n"
        "make[3]: *** Deleting file '/klass/submission/hello.mod'\n"
        "make[3]: *** Waiting for unfinished jobs....\n"
        "make[3]: *** [/klass/linux/scripts/Makefile.build:229: /klass/submission/hello.o] Error "
        "1\n"
        "make[2]: *** [/klass/linux/Makefile:1945: /klass/submission] Error 2\n"
        "make[1]: *** [/klass/linux/Makefile:224: __sub-make] Error 2\n"
        "make: *** [/klass/linux/Makefile:224: __sub-make] Error 2\n"
        "make: Leaving directory '/klass/build'\n");
    EXPECT_EQ(found.severity, "error");
    EXPECT_EQ(found.file, "hello.c");
    EXPECT_EQ(found.line, 4);
    EXPECT_EQ(found.column, 50);
    EXPECT_EQ(found.message, "'who' undeclared (first use in this function)");
    EXPECT_EQ(found.text, "        pr_info(\"Hello %s\\n\", who);");
    EXPECT_EQ(found.tool, "gcc");
}

TEST(Diagnostics, AWarningNamesItsSwitch) {
    const auto found =
        only("/klass/submission/a/b.c:3:7: warning: unused variable 'x' [-Wunused-variable]\n");
    EXPECT_EQ(found.severity, "warning");
    EXPECT_EQ(found.file, "a/b.c");
    EXPECT_EQ(found.message, "unused variable 'x'");
    EXPECT_EQ(found.option, "-Wunused-variable");
}

TEST(Diagnostics, AMacroInAHeaderKeepsTheKernelsPath) {
    const auto found = parse(
        "In file included from ./include/linux/kernel.h:1,\n"
        "                 from /klass/submission/hello.c:1:\n"
        "/klass/linux/include/linux/printk.h:484:17: note: in definition of macro 'pr_info'\n"
        "  484 |                 printk(fmt)\n"
        "./include/generated/bounds.h:9: error: x\n");
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].severity, "note");
    EXPECT_EQ(found[0].file, "include/linux/printk.h");
    EXPECT_EQ(found[0].text, "                printk(fmt)");
    EXPECT_EQ(found[1].file, "include/generated/bounds.h");
    EXPECT_EQ(found[1].line, 9);
    EXPECT_EQ(found[1].column, 0);
}

TEST(Diagnostics, AMissingHeaderIsAnError) {
    const auto found = only(
        "/klass/submission/x.c:1:10: fatal error: mymem.h: No such file or directory\n"
        "compilation terminated.\n");
    EXPECT_EQ(found.severity, "error");
    EXPECT_EQ(found.message, "mymem.h: No such file or directory");
}

TEST(Diagnostics, ACompilerThatDiedIsOfNoFile) {
    const auto found = only("gcc: fatal error: Killed signal terminated program cc1\n");
    EXPECT_EQ(found.file, "");
    EXPECT_EQ(found.tool, "gcc");
}

TEST(Diagnostics, ModpostNamesTheSymbolAndTheModule) {
    const auto found = only("ERROR: modpost: \"printj\" [/klass/submission/hello.ko] undefined!\n");
    EXPECT_EQ(found.tool, "modpost");
    EXPECT_EQ(found.severity, "error");
    EXPECT_EQ(found.message,
              "\"printj\", which hello.ko uses, is undefined: neither the kernel nor the "
              "submission exports it");
}

TEST(Diagnostics, OtherWordsOfModpost) {
    EXPECT_EQ(only("ERROR: modpost: missing MODULE_LICENSE() in /klass/submission/x.o\n").message,
              "missing MODULE_LICENSE() in x.o");
    EXPECT_EQ(
        only("WARNING: modpost: missing MODULE_DESCRIPTION() in /klass/submission/x.o\n").severity,
        "warning");
}

TEST(Diagnostics, MakesOwnErrors) {
    const auto syntax = only("/klass/submission/Kbuild:3: *** missing separator.  Stop.\n");
    EXPECT_EQ(syntax.tool, "make");
    EXPECT_EQ(syntax.file, "Kbuild");
    EXPECT_EQ(syntax.line, 3);
    EXPECT_EQ(syntax.message, "missing separator.");

    const auto rule = only(
        "make[3]: *** No rule to make target '/klass/submission/helo.o', needed by "
        "'/klass/submission/'.  Stop.\n");
    EXPECT_EQ(rule.file, "");
    EXPECT_EQ(rule.message, "No rule to make target 'helo.o', needed by ''.");

    const auto recipe = only("make[2]: *** [/klass/submission/Makefile:5: all] Error 7\n");
    EXPECT_EQ(recipe.file, "Makefile");
    EXPECT_EQ(recipe.line, 5);
    EXPECT_EQ(recipe.message, "[all] Error 7");
}

TEST(Diagnostics, TheLinkerAndObjtool) {
    const auto linker = only("ld: /klass/submission/b.o: multiple definition of `x'\n");
    EXPECT_EQ(linker.tool, "ld");
    EXPECT_EQ(linker.message, "b.o: multiple definition of `x'");
    EXPECT_EQ(only("/usr/bin/ld: warning: odd\n").severity, "warning");

    const auto objtool =
        only("/klass/submission/x.o: warning: objtool: init_module() falls through\n");
    EXPECT_EQ(objtool.tool, "objtool");
    EXPECT_EQ(objtool.file, "x.o");
    EXPECT_EQ(objtool.message, "init_module() falls through");
}

TEST(Diagnostics, ASubmissionsEchoIsNoMoreThanWhatItLooksLike) {
    EXPECT_THAT(parse("score: 100\nall tests passed\n: error: \n  12 | stray source line\n"),
                IsEmpty());
    EXPECT_EQ(only("/klass/submission/\x1B[31mred.c:1:1: error: x\n").file.find('\x1B'),
              std::string::npos);
}

TEST(Diagnostics, NumbersThatAreTooLargeAreNoPlace) {
    const auto found = only("x.c:99999999999999999999:1: error: far\n");
    EXPECT_EQ(found.column, 0);
    EXPECT_EQ(found.line, 1);
    EXPECT_EQ(only("x.c:-4: error: y\n").line, 0);
}

TEST(Diagnostics, BoundedInNumberAndLength) {
    std::string flood;
    for (int i = 0; i < 1000; ++i)
        flood += "x.c:1:1: error: again\n";
    EXPECT_THAT(parse(flood), SizeIs(most_diagnostics));
    EXPECT_LT(only("x.c:1:1: error: " + std::string(1 << 20, 'e')).message.size(), 2001U);
}

}  // namespace
}  // namespace klass::kernel
