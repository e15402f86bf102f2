// SPDX-License-Identifier: Apache-2.0
#include "judge/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::judge {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

constexpr const char *head = R"(title = "A character device"
summary = "A device."
modules = ["chardev"]
files = ["chardev.c"]
book = "ch04"
)";
constexpr const char *one_check = R"([[check]]
id = "reads-back"
title = "What was written is read back"
points = 2.5
hints = ["Look.", "Look closer."]
)";

/** A course in a temporary folder. */
class ManifestTest : public testing::Test {
  protected:
    fs::path write(const std::string &contents, const fs::path &place = "exercises/04-chardev") {
        fs::create_directories(folder_.path() / place);
        fs::path file = folder_.path() / place / "stage.toml";
        write_file_atomically(file, contents);
        return file;
    }
    /** The message and the way out of what reading such a manifest throws. */
    std::string error_of(const std::string &contents) {
        try {
            Manifest::read(write(contents));
        } catch (const UsageError &error) {
            const std::string what = error.what();
            return what.substr(what.find("stage.toml")) + "\n" + error.way_out();
        }
        return "no error";
    }
    [[nodiscard]] const fs::path &course() const { return folder_.path(); }

  private:
    TemporaryFolder folder_{"manifest-test"};
};

TEST_F(ManifestTest, AKindIsModulesUnlessItIsAKernel) {
    EXPECT_EQ(Manifest::read(write(std::string(head) + one_check)).kind, Kind::modules);
    EXPECT_EQ(Manifest::read(write(std::string(head) + "kind = \"kernel\"\n" + one_check)).kind,
              Kind::kernel);
    EXPECT_THAT(error_of(std::string(head) + "kind = \"kernels\"\n" + one_check),
                HasSubstr("there is no kind \"kernels\"\nthe kinds are modules and kernel"));
}

TEST_F(ManifestTest, ReadsEverything) {
    const Manifest manifest = Manifest::read(write(std::string(head) + R"(flavour = "fast"
cpus = 2
consumers = ["caller"]
[[check]]
id = "a"
title = "A"
points = 3
hints = ["h"]
book = "ch04-a"
hidden = true
timeout = 45
flavour = "debug"
icount = true
)" + one_check));
    EXPECT_EQ(manifest.id, "04-chardev");
    EXPECT_EQ(manifest.title, "A character device");
    EXPECT_EQ(manifest.summary, "A device.");
    EXPECT_EQ(manifest.machine.flavour, kernel::Flavour::fast);
    EXPECT_EQ(manifest.machine.cpus, 2U);
    EXPECT_THAT(manifest.modules, ElementsAre("chardev"));
    EXPECT_THAT(manifest.consumers, ElementsAre("caller"));
    EXPECT_THAT(manifest.files, ElementsAre("chardev.c"));
    EXPECT_EQ(manifest.book, "ch04");
    ASSERT_EQ(manifest.checks.size(), 2U);
    EXPECT_EQ(manifest.checks[0].book, "ch04-a");
    EXPECT_TRUE(manifest.checks[0].hidden);
    EXPECT_EQ(manifest.checks[0].timeout, std::chrono::seconds{45});
    EXPECT_EQ(manifest.checks[0].machine, (MachineWish{kernel::Flavour::debug, 2, 1}));
    EXPECT_EQ(manifest.checks[1].machine, manifest.machine);
    EXPECT_EQ(manifest.checks[1].book, "ch04") << "the stage's, when the check names none";
    EXPECT_FALSE(manifest.checks[1].hidden);
    EXPECT_EQ(manifest.checks[1].timeout, std::chrono::seconds{30});
    EXPECT_THAT(manifest.checks[1].hints, ElementsAre("Look.", "Look closer."));
    EXPECT_DOUBLE_EQ(manifest.max_score(), 5.5);
}

TEST_F(ManifestTest, FindsACheckOrNamesThoseThatThereAre) {
    const Manifest manifest = Manifest::read(write(std::string(head) + one_check));
    EXPECT_EQ(manifest.check("reads-back").title, "What was written is read back");
    try {
        (void)manifest.check("read-back");
        FAIL() << "it found a check that is not there";
    } catch (const UsageError &error) {
        EXPECT_STREQ(error.what(), "04-chardev has no check \"read-back\"");
        EXPECT_EQ(error.way_out(), "its checks are reads-back");
    }
}

TEST_F(ManifestTest, TakesTheIdOfASubmissionsCopyFromItsStageKey) {
    const fs::path file =
        write("stage = \"04-chardev\"\n" + std::string(head) + one_check, "home/my-try");
    EXPECT_EQ(Manifest::read(file).id, "04-chardev");
}

TEST_F(ManifestTest, RefusesUnknownKeysAndListsTheKnown) {
    EXPECT_EQ(error_of("titel = \"x\"\n" + std::string(head) + one_check),
              "stage.toml:1: a stage's manifest has no key \"titel\"\n"
              "the keys are book, camera, check, consumers, cpus, files, flavour, icount, kind, "
              "modules, network, programs, stage, summary, title");
    EXPECT_EQ(
        error_of(std::string(head) + one_check + "hiden = true\n"),
        "stage.toml:11: a check has no key \"hiden\"\n"
        "the keys are book, camera, cpus, flavour, hidden, hints, icount, id, network, points, "
        "timeout, title");
    EXPECT_THAT(error_of(std::string(head) + "[[chekc]]\nid = \"a\"\n"),
                HasSubstr("stage.toml:6: a stage's manifest has no key \"chekc\""));
}

TEST_F(ManifestTest, RefusesDuplicates) {
    EXPECT_THAT(error_of(std::string(head) + one_check + one_check),
                HasSubstr("stage.toml:11: there is a check reads-back already"));
    EXPECT_THAT(error_of(std::string(head) + "book = \"again\"\n" + one_check),
                HasSubstr("stage.toml:6: "));
}

TEST_F(ManifestTest, RefusesWrongTypesAndValues) {
    const auto with = [&](const std::string &line) {
        return error_of(line + "\n" + head + one_check);
    };
    EXPECT_THAT(with("cpus = \"two\""), HasSubstr(":1: cpus is not a whole number from 1 to 64"));
    EXPECT_THAT(with("cpus = 0"), HasSubstr(":1: cpus is not a whole number from 1 to 64"));
    EXPECT_THAT(with("flavour = \"slow\""), HasSubstr(":1: there is no kernel flavour"));
    EXPECT_THAT(with("flavour = 1"), HasSubstr(":1: flavour is not a text in quotes"));
    EXPECT_THAT(with("check = 3"), HasSubstr("stage.toml:"));

    const auto check_with = [&](const std::string &lines) {
        return error_of(std::string(head) + "[[check]]\n" + lines);
    };
    EXPECT_THAT(check_with("title = \"x\""), HasSubstr(":6: a check needs the key id"));
    EXPECT_THAT(check_with("id = \"A b\""), HasSubstr(":7: the id \"A b\" has other characters"));
    EXPECT_THAT(check_with("id = \"a\""), HasSubstr(":6: a check needs the key title"));
    EXPECT_THAT(check_with("id = \"a\"\ntitle = \"x\""), HasSubstr(":6: a check needs points"));
    EXPECT_THAT(check_with("id = \"a\"\ntitle = \"x\"\npoints = -1"),
                HasSubstr(":9: a check needs points, a number above 0"));
    EXPECT_THAT(check_with("id = \"a\"\ntitle = \"x\"\npoints = true"),
                HasSubstr(":9: a check needs points, a number above 0"));
    EXPECT_THAT(check_with("id = \"a\"\ntitle = \"x\"\npoints = 1"),
                HasSubstr(":6: the check a needs a hint"));
    EXPECT_THAT(check_with("id = \"a\"\ntitle = \"x\"\npoints = 1\nhints = [\"\"]"),
                HasSubstr(":10: hints holds something that is not a text, or is empty"));
    EXPECT_THAT(check_with("id = \"a\"\ntitle = \"x\"\npoints = 1\nhints = [\"h\"]\nhidden = 1"),
                HasSubstr(":11: hidden is neither true nor false"));
    EXPECT_THAT(check_with("id = \"a\"\ntitle = \"x\"\npoints = 1\nhints = [\"h\"]\ntimeout = 0"),
                HasSubstr(":11: timeout is not a whole number from 1 to 3600"));
}

TEST_F(ManifestTest, NeedsChecksAndFiles) {
    EXPECT_THAT(error_of(head), HasSubstr("a stage's manifest needs a [[check]]"));
    EXPECT_THAT(error_of("title = \"t\"\nsummary = \"s\"\nbook = \"b\"\n" + std::string(one_check)),
                HasSubstr("files does not say which files the student edits"));
    EXPECT_THROW(Manifest::read(course() / "no" / "stage.toml"), UsageError);
}

TEST_F(ManifestTest, SaysWhereTomlIsBroken) {
    EXPECT_THAT(error_of("title = \"x\nsummary = 1\n"), testing::StartsWith("stage.toml:1: "));
}

TEST_F(ManifestTest, ListsTheStagesInOrder) {
    write("", "exercises/10-procfs");
    write("", "exercises/04-chardev");
    fs::create_directories(course() / "exercises" / "common");
    EXPECT_THAT(stage_ids(course()), ElementsAre("04-chardev", "10-procfs"));
    EXPECT_THROW(stage_ids(course() / "exercises"), UsageError);
}

TEST_F(ManifestTest, TellsTheStageOfAFolder) {
    write("", "exercises/04-chardev");
    write("", "exercises/10-procfs");
    const fs::path mutant = course() / "solutions/04-chardev/mutants/no-lock";
    fs::create_directories(mutant);
    EXPECT_EQ(stage_of(course(), mutant, ""), "04-chardev");
    EXPECT_EQ(stage_of(course(), course() / "solutions/04-chardev/", ""), "04-chardev");
    EXPECT_EQ(stage_of(course(), mutant / "..", ""), "04-chardev");
    EXPECT_EQ(stage_of(course(), mutant, "10-procfs"), "10-procfs") << "--stage comes first";

    write("stage = \"10-procfs\"\nof_another_course = 1\n", "home/04-chardev");
    EXPECT_EQ(stage_of(course(), course() / "home/04-chardev", ""), "10-procfs")
        << "the key comes before the name";
}

TEST_F(ManifestTest, AsksForTheStageThatItCannotTell) {
    write("", "exercises/04-chardev");
    fs::create_directories(course() / "home");
    try {
        stage_of(course(), course() / "home", "");
        FAIL() << "it told the stage of a folder that has none";
    } catch (const UsageError &error) {
        EXPECT_THAT(error.what(), EndsWith("home is of"));
        EXPECT_EQ(error.way_out(), "name it with --stage; the stages are 04-chardev");
    }
    try {
        stage_of(course(), course() / "home", "4");
        FAIL() << "there is no stage 4";
    } catch (const UsageError &error) {
        EXPECT_STREQ(error.what(), "there is no stage \"4\"");
    }
}

TEST_F(ManifestTest, KnowsTheMachinesOfAllStages) {
    const std::string fast = "flavour = \"fast\"\n";
    write(std::string(head) + one_check);
    write(std::string(head) + "network = true\n" + one_check + fast + "icount = true\n",
          "exercises/05-network");
    write(std::string(head) + "kind = \"kernel\"\n" + fast + one_check, "exercises/10-own-kernel");
    EXPECT_THAT(frozen_machines(course()),
                ElementsAre(MachineWish{}, MachineWish{.flavour = kernel::Flavour::fast,
                                                       .icount_shift = 1,
                                                       .network = true}));
}

TEST(CourseManifests, AreAllValid) {
    const fs::path source = KLASS_SOURCE_DIR;
    for (const std::string &id : stage_ids(source)) {
        const Manifest manifest = Manifest::read(source / "exercises" / id / "stage.toml");
        EXPECT_EQ(manifest.id, id);
        EXPECT_DOUBLE_EQ(manifest.max_score(), 100) << id;
    }
}

}  // namespace
}  // namespace klass::judge
