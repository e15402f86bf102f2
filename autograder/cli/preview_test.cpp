// SPDX-License-Identifier: Apache-2.0
// Previews on Debian's own kernel, fetched from the mirror that this machine uses. Where it cannot
// be had, the tests say so and are skipped: a grading then goes without.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <thread>

#include "cli/run_klass.h"
#include "judge/course.h"
#include "judge/judge.h"
#include "kernel/prebuilt.h"
#include "stages/all_stages.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass {
namespace {

namespace fs = std::filesystem;
using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class PreviewTest : public testing::Test {
  protected:
    void SetUp() override {
        try {
            stock_ = kernel::obtain_stock(paths_, *progress_);
        } catch (const GraderFault &fault) {
            GTEST_SKIP() << "Debian's kernel cannot be had here: " << fault.what();
        }
    }

    judge::Preview preview(const std::string &stage, const fs::path &folder) {
        judge::Lab lab(paths_, *progress_, vm::AcceleratorWish::automatic);
        judge::Judge judge(lab, stages::find(stage),
                           judge::Manifest::of_stage(paths_.course, stage));
        judge::Observer observer;
        return judge.preview({.folder = folder, .seed = 7}, observer);
    }

    const Paths paths_ = Paths::from_environment();
    const std::unique_ptr<Progress> progress_ = silent_progress();
    kernel::Kernel stock_;
};

std::set<std::string> red(const judge::Preview &preview) {
    std::set<std::string> ids;
    for (const judge::CheckResult &check : preview.checks)
        if (check.status != judge::Status::passed)
            ids.insert(check.id + ": " + check.actual);
    return ids;
}

TEST_F(PreviewTest, OfEachReferenceIsGreenWhereItShowsAnything) {
    for (const char *stage : {"03-hello-module", "04-chardev", "05-completion", "06-mymem"}) {
        const judge::Preview seen =
            preview(stage, fs::path(KLASS_SOURCE_DIR) / "solutions" / stage);
        EXPECT_TRUE(seen.build.ok) << seen.build.error;
        EXPECT_THAT(red(seen), IsEmpty()) << stage;
        EXPECT_GT(seen.green(), 0U) << stage;
        EXPECT_THAT(seen.checks, Each(Field(&judge::CheckResult::max_score, 0)));
        EXPECT_EQ(seen.kernel.release, stock_.release);
    }
}

TEST_F(PreviewTest, OfASkeletonIsRed) {
    const judge::Preview seen =
        preview("04-chardev", fs::path(KLASS_SOURCE_DIR) / "exercises/04-chardev");
    EXPECT_TRUE(seen.build.ok) << seen.build.error;
    EXPECT_GT(seen.red(), 10U);
}

TEST_F(PreviewTest, LeavesTheDetectorsToTheCourseKernel) {
    const judge::Preview seen =
        preview("04-chardev", fs::path(KLASS_SOURCE_DIR) / "solutions/04-chardev");
    std::set<std::string> not_shown;
    for (const judge::NotShown &each : seen.not_shown)
        not_shown.insert(each.id);
    EXPECT_EQ(not_shown, (std::set<std::string>{"failed-init", "frees-everything"}));
}

/** `klass grade` in a cache without course kernels, stopped as soon as it has printed a text. */
std::string output_until(const std::string &text, const fs::path &cache, int &status) {
    int pipe_fds[2];
    EXPECT_EQ(pipe2(pipe_fds, O_CLOEXEC), 0);
    const pid_t pid = fork();
    if (pid == 0) {
        setenv("KLASS_CACHE", cache.c_str(), 1);
        dup2(pipe_fds[1], STDOUT_FILENO);
        dup2(pipe_fds[1], STDERR_FILENO);
        execl(program, program, "grade", KLASS_SOURCE_DIR "/solutions/03-hello-module", nullptr);
        _exit(127);
    }
    close(pipe_fds[1]);
    std::string output;
    char piece[4096];
    bool asked = false;
    for (ssize_t count = 0; (count = read(pipe_fds[0], piece, sizeof piece)) > 0;) {
        output.append(piece, static_cast<std::size_t>(count));
        if (!asked && output.find(text) != std::string::npos)
            asked = kill(pid, SIGINT) == 0;
    }
    close(pipe_fds[0]);
    waitpid(pid, &status, 0);
    return output;
}

TEST_F(PreviewTest, IsShownWhileTheFirstCourseKernelIsBuiltAndIsNoVerdict) {
    const TemporaryFolder folder("test");
    fs::create_directory(folder.path() / "kernel");
    fs::create_symlink(paths_.cache / "source", folder.path() / "source");
    const fs::path stock = stock_.image.parent_path();
    fs::create_symlink(stock, folder.path() / "kernel" / stock.filename());
    int status = 0;
    const std::string output =
        output_until("building the debug kernel", folder.path().string(), status);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 130) << output;
    EXPECT_THAT(output, HasSubstr("Preview on Debian's kernel"));
    EXPECT_THAT(output, HasSubstr("Nothing red in "));
    EXPECT_THAT(output, HasSubstr("This is a preview, not a verdict"));
    EXPECT_THAT(output, Not(HasSubstr("accepted")));
}

}  // namespace
}  // namespace klass
