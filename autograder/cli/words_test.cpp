// SPDX-License-Identifier: Apache-2.0
// What the program says of its own command line: completion, and manual pages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/run_klass.h"
#include "report/format.h"
#include "util/digest.h"
#include "util/lines.h"
#include "util/temporary_folder.h"

namespace klass {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

std::vector<std::string> completed(std::vector<std::string> words) {
    words.insert(words.begin(), {"complete", "words"});
    const Outcome outcome = klass(std::move(words));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    return lines_of(outcome.output);
}

TEST(Complete, Verbs) {
    EXPECT_THAT(completed({"gra"}), ElementsAre("grade", "gradebook"));
    EXPECT_THAT(completed({""}), Contains("watch"));
    EXPECT_THAT(completed({"course", ""}), Contains("skeleton"));
    EXPECT_THAT(completed({"nonsense", "x"}), IsEmpty());
}

TEST(Complete, StagesAndTheirChecks) {
    EXPECT_THAT(completed({"start", "04"}), ElementsAre("04-chardev"));
    EXPECT_THAT(completed({"hint", "04-chardev", "end"}), ElementsAre("end-of-file"));
    EXPECT_THAT(
        completed({"grade", KLASS_SOURCE_DIR "/solutions/03-hello-module", "--check", "mod"}),
        ElementsAre("modinfo"));
    EXPECT_THAT(completed({"course", "check", "03-hello-module", "04"}), ElementsAre("04-chardev"));
}

TEST(Complete, ChecksOfAReport) {
    const TemporaryFolder folder("complete-test");
    const fs::path report = folder.path() / "report.json";
    write_file_atomically(report, R"({"stage": "04-chardev"})");
    EXPECT_THAT(completed({"replay", report.string(), "see"}), ElementsAre("seek"));
}

TEST(Complete, OptionsAndTheirValues) {
    EXPECT_THAT(completed({"grade", "--se"}), ElementsAre("--seed"));
    EXPECT_THAT(completed({"grade", "x", "--accel", "k"}), ElementsAre("kvm"));
    EXPECT_THAT(completed({"bench", "--format", ""}),
                testing::UnorderedElementsAre("json", "text"));
    EXPECT_THAT(completed({"grade", ".", "--format", ""}).size(), report::formats().size());
    EXPECT_THAT(completed({"grade", "--seed", ""}), IsEmpty());
}

TEST(Complete, FilesAndFoldersAreTheShells) {
    EXPECT_THAT(completed({"grade", ""}), ElementsAre(":folders"));
    EXPECT_THAT(completed({"grade", ".", "--output", "x"}), ElementsAre(":files"));
    EXPECT_THAT(completed({"replay", ""}), ElementsAre(":files"));
    EXPECT_THAT(completed({"man", "wat"}), ElementsAre("watch"));
}

/** What bash proposes for a command line. */
std::string in_bash(const std::string &words) {
    const std::string script =
        ". <(\"$0\" complete bash); COMP_WORDS=(\"$0\" " + words +
        "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); compopt() { :; }; _klass; "
        "printf '%s\\n' \"${COMPREPLY[@]}\"";
    return run({.argv = {"bash", "-c", script, program}, .timeout = std::chrono::minutes{1}})
        .output;
}

TEST(Complete, BashAsks) {
    EXPECT_EQ(in_bash("hint 04-chardev end"), "end-of-file\n");
    EXPECT_EQ(in_bash("watch " KLASS_SOURCE_DIR "/soluti"), KLASS_SOURCE_DIR "/solutions\n");
}

TEST(Complete, EachShellCanReadItsScript) {
    for (const char *shell : {"bash", "zsh", "fish"}) {
        const Outcome script = klass({"complete", shell});
        EXPECT_EQ(script.exit_code, 0);
        EXPECT_THAT(script.output, HasSubstr("complete words"));
        const TemporaryFolder folder("complete-test");
        write_file_atomically(folder.path() / "script", script.output);
        const Outcome read = run({.argv = {shell, "-n", (folder.path() / "script").string()},
                                  .timeout = std::chrono::minutes{1}});
        EXPECT_TRUE(read.ok()) << shell << ": " << read.output;
    }
    EXPECT_EQ(klass({"complete"}).exit_code, 2);
}

// Who watches what a screen reader or a search shows of them: each verb has a page of its own.
TEST(Man, HasAPageForEachVerbThatMandocAccepts) {
    const TemporaryFolder folder("man-test");
    ASSERT_EQ(klass({"man", "--all", folder.path().string()}).exit_code, 0);
    std::vector<std::string> argv{"mandoc", "-T", "lint", "-W", "warning"};
    std::vector<std::string> names;
    for (const auto &entry : fs::directory_iterator(folder.path())) {
        argv.push_back(entry.path().string());
        names.push_back(entry.path().filename().string());
    }
    for (const std::string &verb : completed({""}))
        EXPECT_THAT(names, Contains("klass-" + verb + ".1"));
    EXPECT_THAT(names, Contains("klass.1"));
    const Outcome lint = run({.argv = argv, .timeout = std::chrono::minutes{1}});
    EXPECT_TRUE(lint.ok()) << lint.output;
}

TEST(Man, SaysWhatHelpSays) {
    const std::string page = klass({"man", "grade"}).output;
    EXPECT_THAT(page, StartsWith(".TH KLASS\\-GRADE 1"));
    const std::string help = klass({"grade", "--help"}).output;
    for (const std::string &name : completed({"grade", "--"})) {
        EXPECT_THAT(help, HasSubstr(name));
        std::string escaped = name;
        for (std::size_t at = 0; (at = escaped.find('-', at)) != std::string::npos; at += 2)
            escaped.replace(at, 1, "\\-");
        EXPECT_THAT(page, HasSubstr("\\fB" + escaped + "\\fR"));
    }
    EXPECT_EQ(klass({"man", "nonsense"}).exit_code, 2);
}

}  // namespace
}  // namespace klass
