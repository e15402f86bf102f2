// SPDX-License-Identifier: Apache-2.0
#include "vm/accelerator.h"

#include <gmock/gmock.h>

#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::vm {
namespace {

using testing::HasSubstr;

/** A host whose /dev/kvm opens, and boots that only count. */
class AcceleratorTest : public testing::Test {
  protected:
    AcceleratorChoice choose(AcceleratorWish wish = AcceleratorWish::automatic) {
        return choose_accelerator(
            wish, cache_.path(), version_,
            [this] {
                ++boots_;
                return boot_ends_well_;
            },
            device_);
    }

    TemporaryFolder cache_{"test"};
    std::filesystem::path device_ = "/dev/null";
    std::string version_ = "7.2";
    bool boot_ends_well_ = true;
    int boots_ = 0;
};

TEST_F(AcceleratorTest, KvmCountsAfterABoot) {
    EXPECT_EQ(choose().accelerator, Accelerator::kvm);
    EXPECT_EQ(choose(AcceleratorWish::kvm).accelerator, Accelerator::kvm);
    EXPECT_EQ(boots_, 1) << "the answer is remembered";
}

TEST_F(AcceleratorTest, WithoutABootItIsEmulation) {
    boot_ends_well_ = false;
    const AcceleratorChoice choice = choose();
    EXPECT_EQ(choice.accelerator, Accelerator::tcg);
    EXPECT_THAT(choice.reason, HasSubstr(cache_.path().string())) << "the file to remove";
    boot_ends_well_ = true;
    EXPECT_EQ(choose().accelerator, Accelerator::tcg);
    EXPECT_EQ(boots_, 1) << "the answer is remembered: a boot that hangs is waited for but once";
}

TEST_F(AcceleratorTest, AnotherQemuIsTriedAnew) {
    boot_ends_well_ = false;
    choose();
    version_ = "8.0";
    boot_ends_well_ = true;
    EXPECT_EQ(choose().accelerator, Accelerator::kvm);
}

TEST_F(AcceleratorTest, WithoutADeviceNothingIsBooted) {
    device_ = cache_.path() / "kvm";
    const AcceleratorChoice choice = choose();
    EXPECT_EQ(choice.accelerator, Accelerator::tcg);
    EXPECT_THAT(choice.reason, HasSubstr("No such file"));
    EXPECT_EQ(boots_, 0);
}

TEST_F(AcceleratorTest, EmulationThatIsAskedForNeedsNoBoot) {
    EXPECT_EQ(choose(AcceleratorWish::tcg).accelerator, Accelerator::tcg);
    EXPECT_EQ(boots_, 0);
}

TEST_F(AcceleratorTest, KvmThatIsAskedForAndDoesNotBootIsAFault) {
    boot_ends_well_ = false;
    try {
        choose(AcceleratorWish::kvm);
        FAIL() << "it does not boot";
    } catch (const GraderFault &fault) {
        EXPECT_THAT(fault.what(), HasSubstr("did not boot"));
        EXPECT_THAT(fault.way_out(), HasSubstr("--accel kvm"));
    }
}

TEST_F(AcceleratorTest, ABootThatWasInterruptedIsNoAnswer) {
    const auto interrupted = []() -> bool { throw Interrupted(); };
    EXPECT_THROW(choose_accelerator(AcceleratorWish::automatic, cache_.path(), version_,
                                    interrupted, device_),
                 Interrupted);
    EXPECT_EQ(choose().accelerator, Accelerator::kvm);
}

}  // namespace
}  // namespace klass::vm
