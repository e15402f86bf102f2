// SPDX-License-Identifier: Apache-2.0
#include "desk/meaning.h"

#include <gtest/gtest.h>

#include <fstream>

#include "util/temporary_folder.h"

namespace klass::desk {
namespace {

namespace fs = std::filesystem;

TEST(WithoutComments, LeavesWhatTheCompilerSees) {
    EXPECT_EQ(without_comments("/* a */ int x; // b\n\n  /* c\n   * d */\n\treturn 0;\n"),
              "int x;\nreturn 0;\n");
    EXPECT_EQ(without_comments("a/**/b"), "a b\n");
    EXPECT_EQ(without_comments("a   \t b  \n"), "a b\n");
    EXPECT_EQ(without_comments(""), "");
}

TEST(WithoutComments, KnowsStringsAndCharacters) {
    EXPECT_EQ(without_comments("s = \"/* no  comment */\"; // one\n"),
              "s = \"/* no  comment */\";\n");
    EXPECT_EQ(without_comments(R"(c = '"'; /* one */ d = "\"//";)"), "c = '\"'; d = \"\\\"//\";\n");
    EXPECT_EQ(without_comments("c = '\\''; // x\n"), "c = '\\'';\n");
}

TEST(WithoutComments, KnowsThatALineCommentGoesOnAfterABackslash) {
    EXPECT_EQ(without_comments("a // b \\\nc\nlast\n"), "a\nlast\n");
}

TEST(WithoutComments, KeepsWhatIsNotEnded) {
    EXPECT_EQ(without_comments("a /* b\nc"), "a/* b\nc\n");
    EXPECT_EQ(without_comments("\"a\nb"), "\"a\nb\n");
    EXPECT_EQ(without_comments("a \\"), "a \\\n");
}

TEST(WithoutComments, KeepsTheLinesOfDirectives) {
    EXPECT_NE(without_comments("#define A 1\nint x;\n"), without_comments("#define A 1 int x;\n"));
}

class StateTest : public testing::Test {
  protected:
    void write(const std::string &name, const std::string &contents) const {
        std::ofstream(folder_.path() / name) << contents;
    }
    [[nodiscard]] State state() const {
        return State::of(kernel::Submission::from_folder(folder_.path()));
    }

  private:
    TemporaryFolder folder_{"meaning-test"};
};

TEST_F(StateTest, TellsCommentsFromCode) {
    write("x.c", "int x;\n");
    write("Kbuild", "obj-m := x.o\n");
    const State first = state();
    EXPECT_EQ(state().since(first), Change::none);
    write("x.c", "/* A number.\n * It counts. */\nint x;\n");
    EXPECT_EQ(state().since(first), Change::comments);
    write("README.md", "notes\n");
    EXPECT_EQ(state().since(first), Change::comments);
    write("x.c", "int y;\n");
    EXPECT_EQ(state().since(first), Change::code);
}

// A fragment's "# CONFIG_X is not set" is no comment, and neither is a script's first line.
TEST_F(StateTest, TakesNoOtherFilesHashForAComment) {
    write("kernel.config", "# CONFIG_E1000 is not set\n");
    const State first = state();
    write("kernel.config", "# CONFIG_NET is not set\n");
    EXPECT_EQ(state().since(first), Change::code);
}

TEST_F(StateTest, AFileMoreIsCode) {
    write("x.c", "int x;\n");
    const State first = state();
    write("y.h", "");
    EXPECT_EQ(state().since(first), Change::code);
}

}  // namespace
}  // namespace klass::desk
