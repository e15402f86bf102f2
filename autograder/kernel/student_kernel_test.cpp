// SPDX-License-Identifier: Apache-2.0
// Needs the fast kernel's build, and the real Kconfig.
#include "kernel/student_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "kernel/build_output.h"
#include "util/temporary_folder.h"

namespace klass::kernel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class StudentKernelTest : public testing::Test {
  protected:
    static const Kernel &base() {
        static const Kernel kernel = [] {
            const auto progress = silent_progress();
            return KernelStore(Paths::from_environment(), *progress).obtain(Flavour::fast);
        }();
        return kernel;
    }
    StudentKernel build(const std::string &fragment, unsigned objects = 300) {
        StudentKernelLimits limits;
        limits.objects = objects;
        const auto progress = silent_progress();
        return build_student_kernel(
            base(), {.fragment = fragment, .suffix = "-suffix", .modules = {"e1000"}},
            fs::path(KLASS_SOURCE_DIR) / "kmod/kconfig", folder_.path(), *progress, limits);
    }

  private:
    TemporaryFolder folder_{"student-kernel-test"};
};

TEST_F(StudentKernelTest, ADriverAndAName) {
    const StudentKernel kernel = build(
        "CONFIG_LOCALVERSION=\"-mine\"\n"
        "CONFIG_ETHERNET=y\nCONFIG_NET_VENDOR_INTEL=y\nCONFIG_E1000=m\n");
    ASSERT_TRUE(kernel.ok) << kernel.error << kernel.output;
    EXPECT_THAT(kernel.dropped, IsEmpty());
    EXPECT_THAT(kernel.config, HasSubstr("\nCONFIG_E1000=m\n"));
    EXPECT_THAT(release_of_image(read_output(kernel.image, 0)), testing::EndsWith("-mine-suffix"));
    ASSERT_EQ(kernel.modules.size(), 1U);
    // What makes it quick: the base's objects are not made again.
    EXPECT_LT(kernel.objects, 60U);
}

TEST_F(StudentKernelTest, EachDroppedLineHasItsReason) {
    const StudentKernel kernel = build(
        "CONFIG_E1000=m\n"
        "CONFIG_PRINTK_TIMES=y\n"
        "CONFIG_PRINTK_TIME=m\n"
        "CONFIG_NR_CPUS=100000\n"
        "CONFIG_LOCALVERSION=-mine\n"
        "CONFIG_PANIC_TIMEOUT=soon\n"
        "CONFIG_HAVE_PCI=n\n"
        "# CONFIG_CRC32 is not set\n"
        "E1000=m\n"
        "CONFIG_XYZZY_PLUGH_AND_NOTHING_LIKE_IT=y\n",
        0);
    std::map<std::string, std::string> reasons;
    for (const DroppedOption &dropped : kernel.dropped)
        reasons[dropped.name] = dropped.reason;
    EXPECT_EQ(reasons["CONFIG_E1000"], "it depends on ETHERNET [=n] and NET_VENDOR_INTEL [=n]");
    EXPECT_EQ(reasons["CONFIG_PRINTK_TIMES"],
              "there is no option of this name; the nearest is CONFIG_PRINTK_TIME");
    EXPECT_EQ(reasons["CONFIG_PRINTK_TIME"], "it is y or n: it cannot be a module");
    EXPECT_THAT(reasons["CONFIG_NR_CPUS"], StartsWith("its value must be between 2 and "));
    EXPECT_EQ(reasons["CONFIG_LOCALVERSION"], "its value is a text in double quotes");
    EXPECT_EQ(reasons["CONFIG_PANIC_TIMEOUT"], "its value is a number");
    EXPECT_THAT(reasons["CONFIG_CRC32"], StartsWith("it is on because of what selects it: "));
    EXPECT_EQ(reasons["CONFIG_XYZZY_PLUGH_AND_NOTHING_LIKE_IT"], "there is no option of this name");
    ASSERT_EQ(kernel.strange.size(), 1U);
    EXPECT_EQ(kernel.strange[0].line, 9);
    // In the report they are diagnostics of the line.
    EXPECT_EQ(kernel.diagnostics.front().file, "kernel.config");
}

TEST_F(StudentKernelTest, AFragmentThatChangesTooMuchIsStopped) {
    const StudentKernel kernel = build("CONFIG_CC_OPTIMIZE_FOR_SIZE=y\n", 10);
    EXPECT_FALSE(kernel.ok);
    EXPECT_THAT(kernel.error, HasSubstr("more than 10 of the kernel's objects"));
}

// make expands the values of a configuration: what stands in them runs, in the sandbox.
TEST_F(StudentKernelTest, CodeInAValueReachesNothing) {
    const fs::path mark = "/var/tmp/klass-was-here";
    const fs::path cached = base().build / "klass-was-here";
    const StudentKernel kernel =
        build("CONFIG_LOCALVERSION=\"-$(shell touch " + mark.string() +
                  " /klass/base/klass-was-here /klass/config; kill -9 -1)\"\n",
              10);
    EXPECT_FALSE(kernel.ok);
    EXPECT_FALSE(fs::exists(mark));
    EXPECT_FALSE(fs::exists(cached));
    EXPECT_THAT(kernel.config, HasSubstr("CONFIG_LOCALVERSION=\"-$(shell"));
}

}  // namespace
}  // namespace klass::kernel
