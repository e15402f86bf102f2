// SPDX-License-Identifier: Apache-2.0
#include "similar/similar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::similar {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

const fs::path course = KLASS_SOURCE_DIR;

class AClass : public testing::Test {
  protected:
    /** A student's chardev.c. */
    void add(const std::string &name, const std::string &source) {
        fs::create_directory(folder_.path() / name);
        write_file_atomically(folder_.path() / name / "chardev.c", source);
        authors_.push_back({name, folder_.path() / name});
    }
    Leads compare() { return similar::compare(authors_, course / "exercises/04-chardev", {}); }
    static std::string reference() { return read_file(course / "solutions/04-chardev/chardev.c"); }
    static std::string skeleton() { return read_file(course / "exercises/04-chardev/chardev.c"); }

    TemporaryFolder folder_{"similar-test"};
    std::vector<Author> authors_;
};

TEST_F(AClass, WhoRenamesEverythingIsAsAlikeAsBefore) {
    add("ada", reference());
    add("bob", std::regex_replace(reference(), std::regex("buffer|count|position"), "x$&y"));
    const Leads leads = compare();
    ASSERT_EQ(leads.pairs.size(), 1U);
    const Pair &pair = leads.pairs[0];
    EXPECT_EQ(pair.a, "ada");
    EXPECT_EQ(pair.b, "bob");
    EXPECT_GT(pair.percent_of_a, 80U);
    ASSERT_FALSE(pair.passages.empty());
    const Passage &largest = pair.passages[0];
    EXPECT_EQ(largest.a.file, "chardev.c");
    EXPECT_EQ(largest.a.first, largest.b.first);
    EXPECT_GE(largest.tokens, pair.passages.back().tokens);
}

TEST_F(AClass, WhatAllWereGivenIsNoLead) {
    add("ada", skeleton());
    add("bob", skeleton());
    const Leads leads = compare();
    EXPECT_THAT(leads.pairs, IsEmpty());
    EXPECT_THAT(leads.too_few, ElementsAre("ada", "bob"));
}

TEST_F(AClass, WhoWritesAnotherProgramIsNoLead) {
    add("ada", reference());
    add("bob", read_file(course / "solutions/06-mymem/mymem_test.c"));
    EXPECT_THAT(compare().pairs, IsEmpty());
}

TEST_F(AClass, LinesAreThoseOfTheirFile) {
    add("ada", reference());
    add("bob", reference());
    // A file that is read before: the lines of chardev.c must not move.
    write_file_atomically(folder_.path() / "bob/aaa.h", "#define A 1\n\n\n\n");
    const Leads leads = compare();
    ASSERT_EQ(leads.pairs.size(), 1U);
    EXPECT_EQ(leads.pairs[0].passages[0].a, leads.pairs[0].passages[0].b);
}

TEST_F(AClass, WithoutCIsComparedAsText) {
    std::string words;
    for (int i = 0; i < 200; ++i)
        words += "CONFIG_WORD" + std::to_string(i * 7919) + "=y\n";
    for (const char *name : {"ada", "bob"}) {
        fs::create_directory(folder_.path() / name);
        write_file_atomically(folder_.path() / name / "kernel.config", words);
        authors_.push_back({name, folder_.path() / name});
    }
    const Leads leads = similar::compare(authors_, course / "exercises/01-kernel-build", {});
    ASSERT_EQ(leads.pairs.size(), 1U);
    EXPECT_EQ(leads.pairs[0].percent_of_a, 100U);
}

TEST(Skeleton, ItsLinesVanishWhateverTheirBlanks) {
    EXPECT_EQ(without_lines_of("int a;\n\tint  b;\n  int c;\n", {"int b;", "int c;"}),
              "int a;\n\n\n");
}

}  // namespace
}  // namespace klass::similar
