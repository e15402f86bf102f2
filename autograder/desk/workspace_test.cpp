// SPDX-License-Identifier: Apache-2.0
#include "desk/workspace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "kernel/submission.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/subprocess.h"
#include "util/temporary_folder.h"

namespace klass::desk {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path course = KLASS_SOURCE_DIR;

class WorkspaceTest : public testing::Test {
  protected:
    WorkspaceTest() {
        // A user who has never told git a name.
        setenv("HOME", folder_.path().c_str(), 1);
        setenv("XDG_CONFIG_HOME", folder_.path().c_str(), 1);
        setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
        setenv("EMAIL", "", 1);
    }
    [[nodiscard]] fs::path place() const { return folder_.path() / "my chardev"; }
    [[nodiscard]] std::string git(const std::vector<std::string> &words) const {
        std::vector<std::string> argv{"git", "-C", place().string()};
        argv.insert(argv.end(), words.begin(), words.end());
        const Outcome outcome = run({.argv = argv});
        EXPECT_TRUE(outcome.ok()) << outcome.output;
        return outcome.output;
    }
    VersionControl make(const std::string &stage = "04-chardev") {
        return make_workspace(course, judge::Manifest::of_stage(course, stage), place());
    }
    TemporaryFolder folder_{"workspace-test"};
};

TEST_F(WorkspaceTest, HoldsTheSkeletonAndSaysItsStage) {
    make();
    EXPECT_EQ(read_file(place() / "chardev.c"),
              read_file(course / "exercises/04-chardev/chardev.c"));
    EXPECT_TRUE(fs::exists(place() / "README.md"));
    EXPECT_EQ(judge::stage_of(course, place(), ""), "04-chardev");
}

TEST_F(WorkspaceTest, IsARepositoryWithOneCommitAlsoForAUserWithoutAName) {
    EXPECT_EQ(make(), VersionControl::made);
    EXPECT_EQ(git({"log", "--format=%s"}), "The skeleton of 04-chardev\n");
    EXPECT_EQ(git({"status", "--porcelain"}), "");
}

TEST_F(WorkspaceTest, IgnoresWhatABuildLeavesBehind) {
    make();
    for (const char *name : {"chardev.o", "chardev.ko", "chardev.mod.c", ".chardev.o.cmd",
                             "Module.symvers", "modules.order", "compile_commands.json"})
        std::ofstream(place() / name) << "x";
    EXPECT_EQ(git({"status", "--porcelain"}), "");
    std::ofstream(place() / "more.c") << "x";
    EXPECT_EQ(git({"status", "--porcelain"}), "?? more.c\n");
}

TEST_F(WorkspaceTest, IgnoresTheProgramThatTheStageAsksFor) {
    make("07-camera-offload");
    std::ofstream(place() / "camera_client") << "x";
    EXPECT_EQ(git({"status", "--porcelain"}), "");
}

TEST_F(WorkspaceTest, WhatKlassAddsIsNotPartOfTheSubmission) {
    make();
    std::ofstream(place() / "compile_commands.json") << "[]";
    const auto submission = kernel::Submission::from_folder(place());
    std::vector<std::string> names;
    for (const fs::path &file : submission.files)
        names.push_back(file.string());
    EXPECT_THAT(names, testing::UnorderedElementsAre("Kbuild", "Makefile", "README.md", "chardev.c",
                                                     "stage.toml"));
}

TEST_F(WorkspaceTest, MakesNoRepositoryInsideAnother) {
    ASSERT_TRUE(run({.argv = {"git", "init", "--quiet", folder_.path().string()}}).ok());
    EXPECT_EQ(make(), VersionControl::around);
    EXPECT_FALSE(fs::exists(place() / ".git"));
    EXPECT_TRUE(fs::exists(place() / ".gitignore"));
}

TEST_F(WorkspaceTest, DoesNotHeedARepositoryOfTheCallersEnvironment) {
    setenv("GIT_DIR", (folder_.path() / "hook's").c_str(), 1);
    EXPECT_EQ(make(), VersionControl::made);
    unsetenv("GIT_DIR");
    EXPECT_TRUE(fs::exists(place() / ".git"));
    EXPECT_FALSE(fs::exists(folder_.path() / "hook's"));
}

TEST_F(WorkspaceTest, IsThereWithoutGit) {
    const std::string path = std::getenv("PATH");
    setenv("PATH", "/nonexistent", 1);
    EXPECT_EQ(make(), VersionControl::no_git);
    setenv("PATH", path.c_str(), 1);
    EXPECT_TRUE(fs::exists(place() / "chardev.c"));
}

TEST_F(WorkspaceTest, OverwritesNothing) {
    fs::create_directory(place());
    std::ofstream(place() / "mine") << "work";
    EXPECT_THROW(make(), UsageError);
    EXPECT_FALSE(fs::exists(place() / "chardev.c"));
}

TEST_F(WorkspaceTest, SetsUpAnEditorOnlyWhereThereIsC) {
    make();
    EXPECT_THAT(read_file(place() / ".clangd"), HasSubstr("CompileFlags:"));
    fs::remove_all(place());
    make("01-kernel-build");
    EXPECT_FALSE(fs::exists(place() / ".clangd"));
}

}  // namespace
}  // namespace klass::desk
