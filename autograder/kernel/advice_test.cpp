// SPDX-License-Identifier: Apache-2.0
#include "kernel/advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace klass::kernel {
namespace {

using testing::HasSubstr;

constexpr const char *document = R"(.. SPDX-License-Identifier: GPL-2.0-only

Type Descriptions
=================

Allocation style
----------------

  **ALLOC_ARRAY_ARGS**
    The first argument for kcalloc or kmalloc_array should be the
    number of elements.

    See: https://www.kernel.org/doc/html/latest/core-api/memory-allocation.html

  **LONG_LINE**
    The line has exceeded the specified maximum length::

      long()

    See: https://www.kernel.org/one.html

    See: https://www.kernel.org/two.html

Commit message
--------------

  Text that is of no type.
)";

TEST(CheckpatchTypes, AreReadFromTheKernelsDocument) {
    const auto types = checkpatch_types(document);
    ASSERT_EQ(types.size(), 2U);
    EXPECT_EQ(types.at("ALLOC_ARRAY_ARGS").meaning,
              "The first argument for kcalloc or kmalloc_array should be the number of elements.");
    EXPECT_EQ(types.at("ALLOC_ARRAY_ARGS").link,
              "https://www.kernel.org/doc/html/latest/core-api/memory-allocation.html");
    EXPECT_EQ(types.at("LONG_LINE").meaning, "The line has exceeded the specified maximum length.");
    EXPECT_EQ(types.at("LONG_LINE").link, "https://www.kernel.org/one.html");
}

TEST(ParseCheckpatch, ReadsItsTerseLines) {
    const auto found = parse_checkpatch(
        "chardev.c:47: WARNING:LONG_LINE: line length of 103 exceeds 100 columns\n"
        "sub/x.h:3: CHECK:SPACING: spaces preferred around that '*' (ctx:VxV)\n"
        "total: 0 errors, 1 warnings: none\n"
        ": ERROR:\n:7: ERROR:X\n");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].file, "chardev.c");
    EXPECT_EQ(found[0].line, 47);
    EXPECT_EQ(found[0].severity, "warning");
    EXPECT_EQ(found[0].option, "LONG_LINE");
    EXPECT_EQ(found[0].message, "line length of 103 exceeds 100 columns");
    EXPECT_EQ(found[1].file, "sub/x.h");
    EXPECT_EQ(found[1].severity, "note");
}

TEST(Explained, CheckpatchByItsOwnDocument) {
    const Advice advice =
        explained({.severity = "warning", .option = "ALLOC_ARRAY_ARGS", .tool = "checkpatch"},
                  checkpatch_types(document));
    EXPECT_THAT(advice.meaning, HasSubstr("number of elements"));
    EXPECT_THAT(advice.link, HasSubstr("memory-allocation"));
}

TEST(Explained, TypeThatTheDocumentDoesNotHaveIsStillCheckpatchs) {
    const Advice advice =
        explained({.severity = "warning", .option = "SOMETHING_NEW", .tool = "checkpatch"}, {});
    EXPECT_FALSE(advice.meaning.empty());
    EXPECT_THAT(advice.link, HasSubstr("checkpatch"));
}

TEST(Explained, SparseByWhatItSays) {
    const Advice advice = explained({.severity = "warning",
                                     .message = "incorrect type in argument 1 (different address "
                                                "spaces), expected void *to, got void __user *",
                                     .tool = "sparse"},
                                    {});
    EXPECT_THAT(advice.meaning, HasSubstr("copy_from_user()"));
    EXPECT_EQ(advice.link, "https://docs.kernel.org/dev-tools/sparse.html");
}

TEST(Explained, AnalyzerByItsOption) {
    EXPECT_THAT(
        explained({.option = "-Wanalyzer-malloc-leak", .tool = "gcc -fanalyzer"}, {}).meaning,
        HasSubstr("neither freed nor kept"));
    // One that has no line of its own in the table.
    EXPECT_FALSE(
        explained({.option = "-Wanalyzer-fd-leak", .tool = "gcc -fanalyzer"}, {}).meaning.empty());
}

TEST(KnownToBeWrong, IsAboutOneLineOnly) {
    Diagnostic diagnostic{.option = "-Wanalyzer-null-dereference",
                          .text = "                bytes += buffer->skb->len;",
                          .tool = "gcc -fanalyzer"};
    EXPECT_TRUE(is_known_to_be_wrong(diagnostic));
    diagnostic.text = "bytes += my->skb->len;";
    EXPECT_FALSE(is_known_to_be_wrong(diagnostic));
}

}  // namespace
}  // namespace klass::kernel
