// SPDX-License-Identifier: Apache-2.0
// The real `klass watch`, in plain lines: what is graded again, what is not, and what is left.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <sstream>

#include "cli/run_klass.h"
#include "util/digest.h"
#include "util/scoped_fd.h"
#include "util/temporary_folder.h"

namespace klass {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const fs::path reference = fs::path(KLASS_SOURCE_DIR) / "solutions/03-hello-module";

/** A watch of stage 03 that runs beside the test. */
class WatchVerb : public testing::Test {
  protected:
    WatchVerb() {
        klass({"start", "03-hello-module", work().string()}, {{"KLASS_STATE", state()}});
        save(read_file(reference / "hello.c"));
        std::array<int, 2> fds{};
        if (pipe2(fds.data(), O_CLOEXEC) != 0)
            throw std::runtime_error("no pipe");
        output_.reset(fds[0]);
        const ScopedFd writer(fds[1]);
        pid_ = fork();
        if (pid_ == 0) {
            setenv("KLASS_STATE", state().c_str(), 1);
            dup2(writer.get(), STDOUT_FILENO);
            execl(program, program, "watch", work().c_str(), "--jobs", "1", nullptr);
            _exit(127);
        }
    }
    ~WatchVerb() override {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
    }
    [[nodiscard]] fs::path work() const { return folder_.path() / "hello"; }
    [[nodiscard]] std::string state() const { return (folder_.path() / "state").string(); }

    /** As most editors save: a new file is renamed over the old one. */
    void save(const std::string &contents) const {
        write_file_atomically(work() / "hello.c", contents);
    }
    /** What was printed since the last call, up to a text; the test fails without it. */
    std::string until(const std::string &text) {
        while (said_.find(text) == std::string::npos) {
            pollfd event{output_.get(), POLLIN, 0};
            std::array<char, 4096> piece{};
            const ssize_t count =
                poll(&event, 1, 60'000) > 0 ? read(output_.get(), piece.data(), piece.size()) : -1;
            if (count <= 0) {
                ADD_FAILURE() << "no \"" << text << "\" in:\n" << said_;
                return {};
            }
            said_.append(piece.data(), static_cast<std::size_t>(count));
        }
        const std::size_t end = said_.find(text) + text.size();
        const std::string said = said_.substr(0, end);
        said_.erase(0, end);
        return said;
    }
    /** Ends it as Ctrl-C does, and returns its exit status. */
    int end() {
        kill(pid_, SIGINT);
        int status = 0;
        waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    /** The same, once one waits that was perhaps being started. */
    [[nodiscard]] std::string qemus_at_rest() const {
        std::string last = qemus();
        for (int tries = 0; tries < 100; ++tries) {
            usleep(300'000);
            std::string now = qemus();
            if (!now.empty() && now == last)
                break;
            last = std::move(now);
        }
        return last;
    }
    /** QEMU processes of the watch. */
    [[nodiscard]] std::string qemus() const {
        return run({.argv = {"pgrep", "-P", std::to_string(pid_), "qemu"}}).output;
    }

  private:
    TemporaryFolder folder_{"watch-test"};
    ScopedFd output_;
    std::string said_;
    pid_t pid_ = -1;
};

std::string with(std::string text, const std::string &old_text, const std::string &new_text) {
    const std::size_t at = text.find(old_text);
    EXPECT_NE(at, std::string::npos) << old_text;
    return text.replace(at, old_text.size(), new_text);
}

TEST_F(WatchVerb, GradesAgainOnlyWhatMayHaveChangedAndFirstWhatFailed) {
    const std::string good = read_file(reference / "hello.c");
    EXPECT_THAT(until("waiting for a save"), HasSubstr("accepted  100 of 100 points"));
    EXPECT_THAT(qemus(), Not(testing::IsEmpty()));

    // Every line moves, and the code is the same.
    save("/* A comment\n * of two lines. */\n" + good);
    EXPECT_THAT(until("waiting for a save"), HasSubstr("only comments have changed"));
    write_file_atomically(work() / "README.md", "# Notes\n");
    EXPECT_THAT(until("waiting for a save"), HasSubstr("only comments have changed"));

    save(with(good, "Goodbye, %s", "Bye, %s"));
    EXPECT_THAT(until("waiting for a save"), HasSubstr("partial"));
    save(with(good, "Goodbye, %s", "Byebye, %s"));
    until("grading");
    const std::string again = until("waiting for a save");
    EXPECT_LT(again.find("Unloading it says goodbye"), again.find("modinfo tells"));

    save("no C\n");
    EXPECT_THAT(until("waiting for a save"), HasSubstr("build error"));
    save(good);
    EXPECT_THAT(until("waiting for a save"), HasSubstr("100 of 100 points"));
    EXPECT_EQ(end(), 130);
}

TEST_F(WatchVerb, ASaveStopsTheGradingThatRunsAndLeavesNoMachineBehind) {
    const std::string good = read_file(reference / "hello.c");
    until("waiting for a save");
    save(with(good, "Hello, %s", "Hullo, %s"));
    // In the midst of the checks.
    until("Loading it greets");
    save(good);
    EXPECT_THAT(until("waiting for a save"), HasSubstr("there is something newer"));
    // Those that wait for the next grading, and none of the one that was given up.
    std::istringstream waiting(qemus_at_rest());
    EXPECT_EQ(end(), 130);
    unsigned count = 0;
    for (pid_t qemu = 0; waiting >> qemu; ++count)
        EXPECT_EQ(kill(qemu, 0), -1) << qemu;
    EXPECT_EQ(count, 1U);
}

}  // namespace
}  // namespace klass
