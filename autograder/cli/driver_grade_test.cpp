// SPDX-License-Identifier: Apache-2.0
// The real program, and drivers of stage 02 that are not like the reference.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/run_klass.h"
#include "judge/course.h"
#include "judge/lab.h"
#include "kernel/in_tree.h"
#include "util/digest.h"
#include "util/paths.h"
#include "util/temporary_folder.h"

namespace klass {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

const fs::path course = KLASS_SOURCE_DIR;
constexpr const char *stage = "02-e1000-remove";

/** The checks that lost points, each with what it says. */
std::string lost(const json &report) {
    std::string text = report["build"]["error"].get<std::string>();
    for (const json &check : report["checks"])
        if (check["status"] != "passed")
            text += check["id"].get<std::string>() + ": " + check["actual"].get<std::string>() +
                    "\n" + check["log"].dump() + "\n";
    return text;
}

/** The kernel's own driver for the card, out of the course kernel's source, as a submission. */
class GradeInTreeDriver : public testing::Test {
  protected:
    GradeInTreeDriver() {
        const auto progress = silent_progress();
        judge::Lab lab(Paths::from_environment(), *progress, vm::AcceleratorWish::automatic);
        kernel::copy_in_tree_module(lab.kernel(kernel::Flavour::debug),
                                    {.folder = "drivers/net/ethernet/intel/e1000",
                                     .original = "e1000",
                                     .module = "e1000_klass"},
                                    submission());
    }
    [[nodiscard]] fs::path submission() const { return folder_.path() / stage; }
    [[nodiscard]] fs::path captures() const { return folder_.path() / "captures"; }
    /** @return the report */
    [[nodiscard]] json grade(const std::vector<std::string> &more) const {
        const fs::path file = folder_.path() / "report.json";
        std::vector<std::string> words{"grade",    submission().string(), "--format", "json",
                                       "--output", file.string(),         "--quiet"};
        words.insert(words.end(), more.begin(), more.end());
        const Outcome graded = klass(words);
        EXPECT_TRUE(fs::exists(file)) << graded.output;
        return fs::exists(file) ? json::parse(read_file(file)) : json();
    }

  private:
    TemporaryFolder folder_{"in-tree"};
};

constexpr const char *wrong_line =
    "\tiounmap(hw->ce4100_gbe_mdio_base_virt);\n\tiounmap(hw->hw_addr);";

// Its probe, when it fails, unmaps a pointer that is NULL on all cards but one: x86 warns.
TEST_F(GradeInTreeDriver, LosesTheOneCheckThatFindsABugInIt) {
    ASSERT_THAT(read_file(submission() / "e1000_main.c"), HasSubstr(wrong_line));
    const json check = grade({"--check", "failed-probe"})["checks"][0];
    EXPECT_EQ(check["status"], "crashed");
    EXPECT_THAT(check["crash"]["summary"], HasSubstr("iounmap"));
}

// If the checks judged likeness to our driver, this one would lose points: nothing in it is ours.
TEST_F(GradeInTreeDriver, GetsFullMarksWhenThatIsMended) {
    std::string source = read_file(submission() / "e1000_main.c");
    const std::size_t at = source.find(wrong_line);
    ASSERT_NE(at, std::string::npos);
    source.insert(at + 1, "if (hw->ce4100_gbe_mdio_base_virt) ");
    write_file_atomically(submission() / "e1000_main.c", source);
    const json report = grade({"--captures", captures().string()});
    EXPECT_EQ(report["verdict"], "accepted") << lost(report);
    EXPECT_EQ(report["checks"].size(), 18U);
    // 0xa1b2c3d4, in this machine's order: pcap-savefile(5).
    EXPECT_EQ(read_file(captures() / "loads-again-after.pcap").substr(0, 4), "\xd4\xc3\xb2\xa1");
}

TEST(GradeDriver, WhatWentOverTheCableIsInTheReportOfACheckThatLostPoints) {
    const TemporaryFolder folder("mutant");
    const fs::path submission = folder.path() / stage;
    fs::create_directory(submission);
    judge::make_mutant(
        course, stage,
        judge::Mutant::read(course / "solutions" / stage / "mutants" / "buffers-kept.patch"),
        submission);
    const Outcome graded = klass(
        {"grade", submission.string(), "--check", "unmaps-dma", "--format", "json", "--quiet"});
    EXPECT_EQ(graded.exit_code, 1) << graded.output;
    const json check = json::parse(graded.output)["checks"][0];
    EXPECT_THAT(check["expected"], HasSubstr("no memory is mapped for the card"));
    ASSERT_EQ(check["captures"].size(), 1U);
    EXPECT_EQ(check["captures"][0]["phase"], "before");
    EXPECT_GE(check["captures"][0]["frames"], 12);
    // The first bytes of pcap-savefile(5), in base64.
    EXPECT_THAT(check["captures"][0]["pcap"], testing::StartsWith("1MOyoQIABA"));
}

}  // namespace
}  // namespace klass
