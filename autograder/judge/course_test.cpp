// SPDX-License-Identifier: Apache-2.0
#include "judge/course.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::judge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MutantTest : public testing::Test {
  protected:
    Mutant read(const std::string &patch) {
        const auto file = folder_.path() / "a-bug.patch";
        std::ofstream(file) << patch;
        return Mutant::read(file);
    }

  private:
    TemporaryFolder folder_{"mutant-test"};
};

TEST_F(MutantTest, SaysWhatItLosesSurelyAndByLuck) {
    const Mutant mutant = read(
        "Bug: it looks away.\nLoses: no-gap, poll\nMay lose: interleavings\n\n"
        "--- a/x.c\n+++ b/x.c\nLoses: nothing, this is the diff\n");
    EXPECT_EQ(mutant.name, "a-bug");
    EXPECT_EQ(mutant.bug, "it looks away.");
    EXPECT_THAT(mutant.loses, ElementsAre("no-gap", "poll"));
    EXPECT_THAT(mutant.may_lose, ElementsAre("interleavings"));
}

TEST_F(MutantTest, MustBeFoundForCertain) {
    EXPECT_THAT(read("Bug: b.\nLoses: a\n").may_lose, IsEmpty());
    EXPECT_THROW(read("Bug: b.\nMay lose: a\n"), UsageError);
    EXPECT_THROW(read("Loses: a\n"), UsageError);
}

}  // namespace
}  // namespace klass::judge
