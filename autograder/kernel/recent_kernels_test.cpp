// SPDX-License-Identifier: Apache-2.0
#include "kernel/recent_kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/digest.h"

namespace klass::kernel {
namespace {

namespace fs = std::filesystem;

class RecentKernelsTest : public testing::Test {
  protected:
    std::shared_ptr<const StudentKernel> obtain(const std::string &key) {
        return recent_.obtain(key, [&](const fs::path &folder) {
            built_.push_back(key);
            write_file_atomically(folder / "bzImage", key);
            StudentKernel kernel;
            kernel.image = folder / "bzImage";
            return kernel;
        });
    }
    [[nodiscard]] const std::vector<std::string> &built() const { return built_; }

  private:
    RecentKernels recent_;
    std::vector<std::string> built_;
};

TEST_F(RecentKernelsTest, TheOneThatIsAlwaysAskedForIsBuiltOnce) {
    for (const char *key : {"reference", "a", "reference", "b", "reference", "c", "reference"})
        EXPECT_EQ(read_file(obtain(key)->image), key);
    EXPECT_THAT(built(), testing::ElementsAre("reference", "a", "b", "c"));
}

TEST_F(RecentKernelsTest, WhoHoldsOneKeepsItsFiles) {
    auto first = obtain("first");
    const fs::path image = first->image;
    obtain("second");
    obtain("third");
    EXPECT_TRUE(fs::exists(image));
    first.reset();
    EXPECT_FALSE(fs::exists(image));
}

TEST_F(RecentKernelsTest, AFailureIsNotKept) {
    RecentKernels recent;
    const auto fails = [](const fs::path &) -> StudentKernel { throw std::runtime_error("full"); };
    EXPECT_THROW(recent.obtain("key", fails), std::runtime_error);
    bool built = false;
    recent.obtain("key", [&](const fs::path &) {
        built = true;
        return StudentKernel();
    });
    EXPECT_TRUE(built);
}

}  // namespace
}  // namespace klass::kernel
