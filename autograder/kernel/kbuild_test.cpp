// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Real builds, honest and hostile, against the debug kernel. Builds that kernel if need be.
 */
#include "kernel/kbuild.h"

#include <gmock/gmock.h>

#include <fstream>

#include "kernel/prepared.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::kernel {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr const char *hello = R"(#include <linux/module.h>
static int __init hello_init(void)
{
	pr_info("Hello\n");
	return 0;
}
static void __exit hello_exit(void)
{
}
module_init(hello_init);
module_exit(hello_exit);
MODULE_DESCRIPTION("says hello");
MODULE_LICENSE("GPL");
)";

class KbuildTest : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        static const auto progress = progress_to(STDERR_FILENO);
        kernel_ =
            new Kernel(KernelStore(Paths::from_environment(), *progress).obtain(Flavour::debug));
    }
    static void TearDownTestSuite() { delete std::exchange(kernel_, nullptr); }

    void write(const fs::path &file, std::string_view contents) {
        fs::create_directories((submission_.path() / file).parent_path());
        std::ofstream(submission_.path() / file) << contents;
    }
    KbuildResult build(const std::vector<std::string> &wanted = {"hello"},
                       const SandboxLimits &limits = {}) {
        target_ = std::make_unique<TemporaryFolder>("kbuild-target");
        return build_modules(*kernel_, submission(), target_->path(), wanted, {.limits = limits});
    }
    [[nodiscard]] Submission submission() const {
        return Submission::from_folder(submission_.path());
    }
    /** Builds hello.c with a Kbuild of the test's. */
    KbuildResult build_with(const std::string &kbuild, const SandboxLimits &limits = {}) {
        write("hello.c", hello);
        write("Kbuild", kbuild);
        return build({"hello"}, limits);
    }
    [[nodiscard]] const fs::path &target() const { return target_->path(); }

    static inline Kernel *kernel_ = nullptr;

  private:
    TemporaryFolder submission_{"kbuild-test"};
    std::unique_ptr<TemporaryFolder> target_;
};

TEST_F(KbuildTest, BuildsAModule) {
    const KbuildResult result = build_with("obj-m := hello.o\n");
    ASSERT_TRUE(result.ok) << result.error << result.output;
    EXPECT_EQ(result.error, "");
    EXPECT_THAT(result.diagnostics, IsEmpty());
    ASSERT_THAT(result.modules, SizeIs(1));
    const BuiltModule &module = result.modules[0];
    EXPECT_EQ(module.name, "hello");
    EXPECT_EQ(module.path, target() / "hello.ko");
    const std::string image(module.image.begin(), module.image.end());
    EXPECT_LT(image.size(), read_file(module.path).size());
    EXPECT_THAT(image, HasSubstr("vermagic=" + kernel_->release));
    EXPECT_THAT(image, Not(HasSubstr(".debug_line")));
    EXPECT_THAT(read_file(module.path), HasSubstr(".debug_line"));
    EXPECT_EQ(read_file(result.sources / "hello.c"), hello);
    RecordProperty("milliseconds", static_cast<int>(result.duration.count()));
}

TEST_F(KbuildTest, AMakefileWillDoForAKbuild) {
    write("hello.c", hello);
    write("Makefile", "ifneq ($(KERNELRELEASE),)\nobj-m := hello.o\nelse\nall:\n\tfalse\nendif\n");
    EXPECT_TRUE(build().ok);
}

TEST_F(KbuildTest, WhatWasPreparedChangesNothing) {
    const KbuildResult quick = build_with("obj-m := hello.o\n");
    // Nothing remembered, and an object that no command is known of.
    const TemporaryFolder nothing("kbuild-unprepared");
    fs::permissions(nothing.path(), fs::perms(0755));
    for (const char *file : {"probes.mk", ".module-common.o", "..module-common.o.cmd"})
        std::ofstream(nothing.path() / file) << "";
    fs::create_directories(nothing.path() / prepared_modules / "hello");
    Kernel unprepared = *kernel_;
    unprepared.prepared = nothing.path();
    const TemporaryFolder target("kbuild-target");
    const KbuildResult slow = build_modules(unprepared, submission(), target.path(), {"hello"});
    ASSERT_TRUE(quick.ok && slow.ok) << slow.error << slow.output;
    for (const char *object : {".module-common.o", "hello.mod.o"}) {
        const std::string line = std::string("CC [M]  /klass/submission/") + object + "\n";
        EXPECT_THAT(quick.output, Not(HasSubstr(line)));
        EXPECT_THAT(slow.output, HasSubstr(line));
    }
    EXPECT_EQ(read_file(quick.modules[0].path), read_file(slow.modules[0].path));
}

TEST_F(KbuildTest, WhatWasPreparedIsMadeAnewForAModuleThatDiffers) {
    write("hello.c", std::string(hello) + "MODULE_VERSION(\"7\");\n");
    write("Kbuild", "obj-m := hello.o\n");
    const KbuildResult result = build();
    ASSERT_TRUE(result.ok) << result.error << result.output;
    EXPECT_THAT(result.output, HasSubstr("CC [M]  /klass/submission/hello.mod.o\n"));
    EXPECT_THAT(read_file(result.modules[0].path), HasSubstr("srcversion="));
}

TEST_F(KbuildTest, AQuestionThatWasNotRecordedIsAsked) {
    write("hello.c",
          std::string(hello) + "#if !defined(YES) || defined(NO)\n#error wrong answer\n#endif\n");
    write("Kbuild",
          "obj-m := hello.o\n"
          "ccflags-y += $(call cc-option,-DYES) $(call cc-option,-fno-such-option,)\n"
          "ccflags-y += $(if $(call cc-option,-fno-such-option),-DNO)\n");
    const KbuildResult result = build();
    EXPECT_TRUE(result.ok) << result.error << result.output;
}

constexpr const char *exporter =
    "#include <linux/module.h>\nint answer(void);\nint answer(void) { return 42; }\n"
    "EXPORT_SYMBOL_GPL(answer);\nMODULE_LICENSE(\"GPL\");\nMODULE_DESCRIPTION(\"a\");\n";
constexpr const char *consumer =
    "#include <linux/module.h>\nint answer(void);\n"
    "static int __init b_init(void) { return answer() == 42 ? 0 : -EINVAL; }\n"
    "module_init(b_init);\nMODULE_LICENSE(\"GPL\");\nMODULE_DESCRIPTION(\"b\");\n";

TEST_F(KbuildTest, BuildsSeveralModulesOfWhichOneUsesAnother) {
    write("a.c", exporter);
    write("b-user.c", consumer);
    write("Kbuild", "obj-m := a.o b-user.o\n");
    const KbuildResult result = build({"a", "b_user"});
    ASSERT_TRUE(result.ok) << result.error << result.output;
    EXPECT_THAT(result.modules, SizeIs(2));
    EXPECT_EQ(result.modules[1].name, "b_user");
}

TEST_F(KbuildTest, ConsumersAreBuiltAgainstWhatASubmissionExports) {
    write("a.c", exporter);
    write("Kbuild", "obj-m := a.o\n");
    const KbuildResult exports = build({"a"});
    ASSERT_TRUE(exports.ok) << exports.error << exports.output;
    EXPECT_THAT(exports.symvers, HasSubstr("answer\t"));
    EXPECT_THAT(exports.symvers, HasSubstr("EXPORT_SYMBOL_GPL"));

    const TemporaryFolder sources("kbuild-consumer");
    std::ofstream(sources.path() / "b.c") << consumer;
    std::ofstream(sources.path() / "Kbuild") << "obj-m := b.o\n";
    const auto dependencies = [&](const std::string &symvers) {
        const TemporaryFolder folder("kbuild-target");
        const KbuildResult result = build_consumers(
            *kernel_, Submission::from_folder(sources.path()), folder.path(), {"b"}, symvers);
        if (!result.ok)
            return result.error;
        const std::string image(result.modules[0].image.begin(), result.modules[0].image.end());
        return std::string(image.c_str() + image.find("depends="));
    };
    EXPECT_EQ(dependencies(exports.symvers), "depends=a");
    EXPECT_EQ(dependencies(""), "depends=") << "left to the loader";
    EXPECT_THAT(dependencies("what a hostile build leaves there"), HasSubstr("parse error"));
}

TEST_F(KbuildTest, NoKbuild) {
    write("hello.c", hello);
    EXPECT_THAT(build().error, HasSubstr("has no Kbuild"));
}

TEST_F(KbuildTest, AnotherModuleThanWasWanted) {
    write("hello.c", hello);
    write("Kbuild", "obj-m := hello.o\n");
    const KbuildResult result = build({"chardev"});
    EXPECT_FALSE(result.ok);
    EXPECT_EQ(result.error, "chardev.ko was not built: the Kbuild builds hello.ko");
}

TEST_F(KbuildTest, NoModuleAtAll) {
    EXPECT_EQ(build_with("obj-y :=\n").error,
              "hello.ko was not built: the Kbuild builds no module");
}

TEST_F(KbuildTest, ACompilerErrorHasFileLineAndText) {
    write("hello.c", "#include <linux/module.h>\nint x = y;\nMODULE_LICENSE(\"GPL\");\n");
    write("Kbuild", "obj-m := hello.o\n");
    const KbuildResult result = build();
    EXPECT_FALSE(result.ok);
    EXPECT_EQ(result.error, "hello.c, line 2: 'y' undeclared here (not in a function)");
    ASSERT_THAT(result.diagnostics, SizeIs(1));
    EXPECT_EQ(result.diagnostics[0].text, "int x = y;");
    EXPECT_EQ(result.diagnostics[0].column, 9);
}

TEST_F(KbuildTest, AWarningIsShownThoughTheModuleIsBuilt) {
    write("hello.c", std::string(hello) + "static int unused(void)\n{\n\treturn 1;\n}\n");
    write("Kbuild", "obj-m := hello.o\n");
    const KbuildResult result = build();
    EXPECT_TRUE(result.ok) << result.error;
    ASSERT_THAT(result.diagnostics, SizeIs(1));
    EXPECT_EQ(result.diagnostics[0].severity, "warning");
    EXPECT_EQ(result.diagnostics[0].option, "-Wunused-function");
}

TEST_F(KbuildTest, AnUndefinedSymbolIsNamed) {
    write("hello.c",
          "#include <linux/module.h>\nint printj(const char *);\n"
          "static int __init hello_init(void) { return printj(\"x\"); }\n"
          "module_init(hello_init);\nMODULE_LICENSE(\"GPL\");\nMODULE_DESCRIPTION(\"x\");\n");
    write("Kbuild", "obj-m := hello.o\n");
    EXPECT_THAT(build().error, AllOf(StartsWith("modpost: \"printj\""), HasSubstr("hello.ko")));
}

TEST_F(KbuildTest, AMissingSourceIsNamed) {
    write("hello.c", hello);
    write("Kbuild", "obj-m := helo.o\n");
    EXPECT_THAT(build().error, HasSubstr("No rule to make target 'helo.o'"));
}

TEST_F(KbuildTest, AMistakeInTheKbuildHasItsLine) {
    EXPECT_EQ(build_with("obj-m := hello.o\n\n  what is this\n").error,
              "Kbuild, line 3: missing separator.");
}

// --- hostile makefiles

TEST_F(KbuildTest, AMakefileSeesNoFileOfTheHost) {
    const TemporaryFolder host("kbuild-host");
    std::ofstream(host.path() / "answers") << "the expected values";
    fs::permissions(host.path(), fs::perms(0755));
    fs::permissions(host.path() / "answers", fs::perms(0644));
    const KbuildResult result =
        build_with("obj-m := hello.o\n$(info <$(shell cat " + (host.path() / "answers").string() +
                   " /etc/shadow /proc/1/environ 2>&1; env; ls /klass /root)>)\n");
    EXPECT_TRUE(result.ok) << result.error;
    EXPECT_THAT(result.output, Not(HasSubstr("expected values")));
    EXPECT_THAT(result.output, Not(HasSubstr("root:")));
    EXPECT_THAT(result.output, HasSubstr("No such file or directory"));
}

TEST_F(KbuildTest, AMakefileCannotChangeTheKernelOrWhatWasPrepared) {
    const KbuildResult result = build_with(
        "obj-m := hello.o\n"
        "$(info $(shell for f in /klass/build/.config /klass/build/new /klass/linux/Makefile "
        "/klass/probes/yes /klass/source/hello.c /klass/out/new /klass/new; do "
        "echo hacked >> $$f && echo wrote $$f; done 2>&1))\n");
    EXPECT_TRUE(result.ok) << result.error;
    EXPECT_THAT(result.output, Not(HasSubstr("wrote")));
    EXPECT_FALSE(fs::exists(kernel_->build / "new"));
    EXPECT_EQ(read_file(result.sources / "hello.c"), hello);
}

TEST_F(KbuildTest, AMakefileHasNoNetwork) {
    const KbuildResult result = build_with(
        "obj-m := hello.o\n$(info $(shell cat /proc/net/dev | grep -v -e lo: -e '|' | "
        "sed s/^/card:/; bash -c 'echo > /dev/tcp/10.0.2.2/80' 2>&1))\n");
    EXPECT_THAT(result.output, Not(HasSubstr("card:")));
    EXPECT_THAT(result.output, HasSubstr("Network is unreachable"));
}

TEST_F(KbuildTest, AForkBombFails) {
    write("bomb.sh", "bomb() { bomb | bomb & }\nbomb\nsleep 100\n");
    const KbuildResult result =
        build_with("$(shell sh $(src)/bomb.sh)\nobj-m := hello.o\n", {.time = 3s});
    EXPECT_FALSE(result.ok);
    EXPECT_LT(result.duration, 60s);
    EXPECT_TRUE(build_with("obj-m := hello.o\n").ok) << "the next build is not troubled";
}

TEST_F(KbuildTest, AnEndlessLoopRunsOutOfTime) {
    const KbuildResult result =
        build_with("obj-m := hello.o\n$(shell while :; do :; done)\n", {.time = 2s});
    EXPECT_EQ(result.error, "the build took longer than 2 s");
    EXPECT_LT(result.duration, 60s);
}

TEST_F(KbuildTest, EndlessOutputIsStopped) {
    const KbuildResult result = build_with("obj-m := hello.o\n$(shell yes 1>&2)\n");
    EXPECT_EQ(result.error, "the build printed more than 1,048,576 bytes and was stopped");
    EXPECT_LE(result.output.size(), 16U << 10);
}

TEST_F(KbuildTest, TheDiskCannotBeFilled) {
    const KbuildResult result = build_with(
        "$(shell i=0; while head -c 1000000 /dev/zero > $(obj)/$$i; do i=$$((i+1)); done)\n"
        "obj-m := hello.o\n",
        {.scratch_bytes = std::uint64_t{16} << 20});
    EXPECT_FALSE(result.ok);
    EXPECT_THAT(result.output, HasSubstr("No space left on device"));
    EXPECT_FALSE(fs::exists(target() / "source/0"));
}

TEST_F(KbuildTest, ALinkInPlaceOfTheModuleIsNotFollowed) {
    const TemporaryFolder host("kbuild-host");
    std::ofstream(host.path() / "secret") << "\177ELF the host's";
    const KbuildResult result =
        build_with("obj-m :=\nalways-m := link\n$(obj)/link: FORCE\n\tln -sf " +
                   (host.path() / "secret").string() + " $(obj)/hello.ko\n");
    EXPECT_FALSE(result.ok);
    EXPECT_THAT(result.error, StartsWith("hello.ko was not built"));
    EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(target() / "hello.ko")));
}

TEST_F(KbuildTest, WhatIsNoModuleIsRefused) {
    const KbuildResult result = build_with(
        "obj-m :=\nalways-m := fake\n$(obj)/fake: FORCE\n\techo score 100 > $(obj)/hello.ko\n");
    EXPECT_FALSE(result.ok);
    EXPECT_EQ(result.error, "hello.ko is not a kernel module: it is not an ELF file");
}

TEST_F(KbuildTest, AModuleThatIsTooLargeIsRefused) {
    write("hello.c", std::string(hello) + "static char pad[5 << 20] __used = { 1 };\n");
    write("Kbuild", "obj-m := hello.o\n");
    const KbuildResult result = build();
    EXPECT_FALSE(result.ok);
    EXPECT_EQ(result.error,
              "hello.ko is too large: without debugging information, a module may take 4 MiB");
}

TEST_F(KbuildTest, WhatItPrintsIsSafeToShow) {
    write("Kbuild", "obj-m := hello.o\n$(info \x1B[2J\xFF)\n$(error \x1B[31mred\xFF)\n");
    const KbuildResult result = build();
    EXPECT_FALSE(result.ok);
    EXPECT_THAT(result.output + result.error, Not(HasSubstr("\x1B")));
    EXPECT_THAT(result.output + result.error, Not(HasSubstr("\xFF")));
    EXPECT_THAT(result.error, HasSubstr("red"));
}

}  // namespace
}  // namespace klass::kernel
