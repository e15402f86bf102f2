// SPDX-License-Identifier: Apache-2.0
#include "judge/book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/manifest.h"
#include "util/digest.h"
#include "util/temporary_folder.h"

namespace klass::judge {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(BookTest, HeadingsByTheirAnchors) {
    const TemporaryFolder course("book-test");
    fs::create_directories(course.path() / "book/pages");
    write_file_atomically(course.path() / "book/pages/ch04.md",
                          "# Chapter 4: a device {#ch04}\n\ntext {#no}\n## Reading {#ch04-read}\n"
                          "## Without one\n#include {#no}\n### {#no}\n### Deep: in {#ch04-deep}\n");
    write_file_atomically(course.path() / "book/pages/notes.txt", "# No page {#no}\n");
    EXPECT_THAT(section_titles(course.path()),
                UnorderedElementsAre(Pair("ch04", "Chapter 4: a device"),
                                     Pair("ch04-read", "Chapter 4, Reading"),
                                     Pair("ch04-deep", "Chapter 4, Deep: in")));
}

TEST(BookTest, WithoutABookThereAreNone) {
    const TemporaryFolder course("book-test");
    EXPECT_THAT(section_titles(course.path()), IsEmpty());
}

TEST(BookTest, EachCheckOfTheCourseHasItsSection) {
    for (const std::string &id : stage_ids(KLASS_SOURCE_DIR))
        for (const CheckInfo &check : Manifest::of_stage(KLASS_SOURCE_DIR, id).checks)
            EXPECT_NE(check.section, "") << id << ": " << check.id << " has " << check.book;
}

}  // namespace
}  // namespace klass::judge
