// SPDX-License-Identifier: Apache-2.0
#include "judge/skeleton.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/manifest.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::judge {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char *c_source = R"(/* A device. */

/* [read] */
static ssize_t dev_read(size_t count)
{
	/*
	 * klass:task Copy at most `count` bytes;
	 * at the end return 0.
	 */
	/* klass:skeleton pr_info("read\n"); */
	/* klass:skeleton return -EINVAL; */
	/* An ordinary comment. */
	if (!count)
		return 0;
	return copy(count);
	/* klass:end */
}
/* [read] */
)";

std::string error_of(std::string_view source) {
    try {
        skeleton_of(source, "dev.c");
    } catch (const UsageError &error) {
        return error.what();
    }
    return "no error";
}

TEST(Skeleton, KeepsTheTaskAndTheSkeletonsLines) {
    EXPECT_EQ(skeleton_of(c_source, "dev.c"), R"(/* A device. */

static ssize_t dev_read(size_t count)
{
	/*
	 * TODO: Copy at most `count` bytes;
	 * at the end return 0.
	 */
	pr_info("read\n");
	return -EINVAL;
}
)");
}

TEST(Skeleton, QuotesTheSolutionWithoutMarksButWithSnippets) {
    EXPECT_EQ(quotable(c_source, "dev.c"), R"(/* A device. */

/* [read] */
static ssize_t dev_read(size_t count)
{
	/* An ordinary comment. */
	if (!count)
		return 0;
	return copy(count);
}
/* [read] */
)");
}

TEST(Skeleton, LeavesATextWithoutMarksAsItIs) {
    const std::string text = "/* [not a mark, for it has blanks] */\nint a[3];\n\n# klass\n";
    EXPECT_EQ(skeleton_of(text, "x.c"), text);
    EXPECT_EQ(quotable(text, "x.c"), text);
}

TEST(Skeleton, KnowsTheCommentsOfScriptsAndFragments) {
    EXPECT_EQ(skeleton_of("# [fragment]\n"
                          "CONFIG_PCI=y\n"
                          "# klass:task Say that e1000 is not built in,\n"
                          "#   and nothing else.\n"
                          "# CONFIG_E1000 is not set\n"
                          "# klass:end\n"
                          "# [fragment]\n",
                          "fragment"),
              "CONFIG_PCI=y\n"
              "# TODO: Say that e1000 is not built in,\n"
              "#   and nothing else.\n");
}

TEST(Skeleton, KnowsTheCommentsOfCpp) {
    EXPECT_EQ(skeleton_of("// [send]\n"
                          "    // klass:task Send it.\n"
                          "    // klass:skeleton return false;\n"
                          "    // Whole frames only.\n"
                          "    return send_all(frame);\n"
                          "    // klass:end\n",
                          "client.cpp"),
              "    // TODO: Send it.\n"
              "    return false;\n");
}

TEST(Skeleton, NamesTheLineOfAnUnbalancedMark) {
    EXPECT_EQ(error_of("a\n/* klass:task Do. */\n"), "dev.c:2: klass:task without its klass:end");
    EXPECT_EQ(error_of("a\n/* klass:end */\n"), "dev.c:2: klass:end without a klass:task");
    EXPECT_EQ(error_of("/* klass:task A. */\n/* klass:task B. */\n/* klass:end */\n"),
              "dev.c:2: klass:task within the one of line 1");
    EXPECT_EQ(error_of("/* klass:skeleton x; */\n"),
              "dev.c:1: klass:skeleton outside of a klass:task");
    EXPECT_EQ(error_of("/* klass:task */\n/* klass:end */\n"),
              "dev.c:1: klass:task does not say what the student is to do");
    EXPECT_EQ(error_of("/* klass:tsak Do. */\n"),
              "dev.c:1: there is no mark klass:tsak; there are task, skeleton and end");
}

/** A course with one solution. */
class SkeletonFiles : public testing::Test {
  protected:
    SkeletonFiles() {
        write("solutions/04-x/dev.c", c_source);
        write("solutions/04-x/init", "#!/bin/sh\n");
        fs::permissions(folder_.path() / "solutions/04-x/init", fs::perms(0755));
        write("solutions/04-x/README.md", "of the solution");
        write("solutions/04-x/mutants/no-read.patch", "a mutant");
        write("exercises/04-x/stage.toml", "by hand");
        write("exercises/04-x/README.md", "by hand");
    }
    void write(const fs::path &file, std::string_view contents) {
        fs::create_directories((course() / file).parent_path());
        write_file_atomically(course() / file, contents);
    }
    std::vector<std::string> drift() {
        std::vector<std::string> lines;
        for (const SkeletonDrift &each : skeleton_drift(course(), "04-x"))
            lines.push_back(each.file.string() + ": " + each.difference);
        return lines;
    }
    [[nodiscard]] const fs::path &course() const { return folder_.path(); }

  private:
    TemporaryFolder folder_{"skeleton-test"};
};

TEST_F(SkeletonFiles, AreWrittenAndThenDoNotDrift) {
    EXPECT_THAT(drift(), ElementsAre("exercises/04-x/dev.c: it is not there",
                                     "exercises/04-x/init: it is not there"));
    write_skeleton(course(), "04-x");
    EXPECT_THAT(drift(), IsEmpty());
    EXPECT_EQ(read_file(course() / "exercises/04-x/dev.c"), skeleton_of(c_source, "dev.c"));
    EXPECT_EQ(read_file(course() / "exercises/04-x/README.md"), "by hand");
    EXPECT_EQ(fs::status(course() / "exercises/04-x/init").permissions(), fs::perms(0755));
    EXPECT_FALSE(fs::exists(course() / "exercises/04-x/mutants"));
}

TEST_F(SkeletonFiles, MayHaveFolders) {
    write("solutions/04-x/rootfs/bin/tool", "#!/bin/sh\n");
    write_skeleton(course(), "04-x");
    EXPECT_EQ(read_file(course() / "exercises/04-x/rootfs/bin/tool"), "#!/bin/sh\n");
    write("exercises/04-x/rootfs/other", "");
    EXPECT_THAT(drift(),
                ElementsAre("exercises/04-x/rootfs/other: no file of the solution makes it"));
}

TEST_F(SkeletonFiles, NameTheLineThatDrifted) {
    write_skeleton(course(), "04-x");
    write("exercises/04-x/init", "#!/bin/bash\n");
    write("exercises/04-x/old.c", "");
    EXPECT_THAT(drift(),
                ElementsAre("exercises/04-x/init: line 1 is \"#!/bin/bash\", and should be "
                            "\"#!/bin/sh\"",
                            "exercises/04-x/old.c: no file of the solution makes it"));
    write("exercises/04-x/init", "");
    EXPECT_EQ(drift().front(),
              "exercises/04-x/init: line 1 is the end of the file, and should be \"#!/bin/sh\"");
}

TEST_F(SkeletonFiles, NeedASolution) {
    EXPECT_THROW(skeleton_drift(course(), "05-y"), UsageError);
    write("solutions/04-x/dev.c", "/* klass:end */\n");
    try {
        write_skeleton(course(), "04-x");
        FAIL() << "it cut a skeleton out of unbalanced marks";
    } catch (const UsageError &error) {
        EXPECT_STREQ(error.what(), "solutions/04-x/dev.c:1: klass:end without a klass:task");
    }
}

TEST(CourseSkeletons, DoNotDrift) {
    const fs::path course = KLASS_SOURCE_DIR;
    for (const std::string &stage : stage_ids(course))
        for (const SkeletonDrift &drift : skeleton_drift(course, stage))
            ADD_FAILURE() << drift.file << ": " << drift.difference;
}

}  // namespace
}  // namespace klass::judge
