// SPDX-License-Identifier: Apache-2.0
// The verbs that look into a submission, as a user calls them: shell, debug, lint, replay, doctor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "cli/run_klass.h"
#include "util/digest.h"
#include "util/paths.h"
#include "util/scoped_fd.h"
#include "util/temporary_folder.h"

namespace klass {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char *chardev = KLASS_SOURCE_DIR "/solutions/04-chardev";

std::string testdata(const std::string &name) {
    return std::string(KLASS_SOURCE_DIR "/autograder/cli/testdata/") + name;
}

/** A klass on a terminal of its own, whose user is this test. */
class TerminalUser {
  public:
    explicit TerminalUser(std::vector<std::string> words) {
        const winsize size{.ws_row = 40, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
        int master = -1;
        pid_ = forkpty(&master, nullptr, nullptr, &size);
        if (pid_ == 0) {
            words.insert(words.begin(), program);
            std::vector<char *> argv;
            for (std::string &word : words)
                argv.push_back(word.data());
            argv.push_back(nullptr);
            setenv("TERM", "xterm", 1);
            execv(argv[0], argv.data());
            _exit(127);
        }
        master_.reset(master);
    }
    ~TerminalUser() {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
    }

    void type(const std::string &text) const {
        EXPECT_EQ(write(master_.get(), text.data(), text.size()),
                  static_cast<ssize_t>(text.size()));
    }
    void resize(unsigned short columns, unsigned short rows) const {
        const winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
        EXPECT_EQ(ioctl(master_.get(), TIOCSWINSZ, &size), 0);
    }
    /** Reads until the screen shows this after what was found before. */
    bool see(const std::string &text, std::chrono::milliseconds patience = 5min) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        for (;;) {
            const std::size_t at = screen_.find(text, seen_);
            if (at != std::string::npos) {
                seen_ = at + text.size();
                return true;
            }
            pollfd event{master_.get(), POLLIN, 0};
            char piece[4096];
            if (std::chrono::steady_clock::now() > deadline || poll(&event, 1, 100) < 0)
                return false;
            const ssize_t count = event.revents == 0 ? 1 : read(master_.get(), piece, sizeof piece);
            if (count <= 0)
                return false;
            if (event.revents != 0)
                screen_.append(piece, static_cast<std::size_t>(count));
        }
    }
    /** Its exit status. */
    int wait() {
        // A terminal that nobody reads holds its writer up.
        while (!see("\xff")) {
            if (kill(pid_, 0) != 0)
                break;
            int status = 0;
            if (waitpid(pid_, &status, 0) == pid_) {
                pid_ = -1;
                return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            }
        }
        return -1;
    }
    [[nodiscard]] bool cooked() const {
        termios settings{};
        return tcgetattr(master_.get(), &settings) == 0 && (settings.c_lflag & ICANON) != 0;
    }
    [[nodiscard]] const std::string &screen() const { return screen_; }
    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    pid_t pid_ = -1;
    ScopedFd master_;
    std::string screen_;
    std::size_t seen_ = 0;
};

/** The QEMU processes whose parent is @p pid. */
std::vector<std::string> qemus_of(pid_t pid) {
    std::vector<std::string> found;
    std::istringstream numbers(
        run({.argv = {find_program("pgrep"), "-P", std::to_string(pid), "qemu"}}).output);
    for (std::string number; numbers >> number;)
        found.push_back(number);
    return found;
}

/** Whether they all come to their end. */
bool end(const std::vector<std::string> &processes) {
    const auto runs = [](const std::string &number) {
        std::error_code ignored;
        return fs::exists("/proc/" + number, ignored);
    };
    for (int tries = 0; tries < 10000; ++tries) {
        if (std::none_of(processes.begin(), processes.end(), runs))
            return true;
        std::this_thread::sleep_for(1ms);
    }
    return false;
}

// --- shell

TEST(Shell, RunsOneCommandAndGivesItsStatus) {
    const Outcome outcome = klass(
        {"shell", chardev, "--load", "--run", "ls; echo hi > /dev/cicv; cat /dev/cicv; exit 7"});
    EXPECT_EQ(outcome.exit_code, 7);
    EXPECT_THAT(outcome.output, AllOf(HasSubstr("chardev.ko"), HasSubstr("hi\n")));
}

TEST(Shell, ModuleIsThereAndNotLoadedUnlessAsked) {
    const Outcome outcome =
        klass({"shell", chardev, "--run", "ls /dev/cicv; insmod chardev.ko && ls /dev/cicv"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr("/dev/cicv: No such file or directory"));
    EXPECT_THAT(outcome.output, HasSubstr("\n/dev/cicv\n"));
}

TEST(Shell, FlavourIsTheOneThatIsAskedFor) {
    EXPECT_THAT(klass({"shell", chardev, "--flavour", "fast", "--run", "uname -r"}).output,
                HasSubstr("-klass-fast"));
    EXPECT_EQ(klass({"shell", chardev, "--flavour", "slow", "--run", "true"}).exit_code, 2);
}

TEST(Shell, WantsATerminalOrACommand) {
    const Outcome outcome = klass({"shell", chardev});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.output, HasSubstr("--run"));
}

TEST(Shell, WhatDoesNotBuildIsShownAndNotRun) {
    const Outcome outcome = klass({"shell", testdata("hostile/does-not-compile"), "--stage",
                                   "03-hello-module", "--run", "true"});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.output, HasSubstr("hello.c:"));
}

TEST(Shell, WhatTheKernelReportedIsToldWithTheLine) {
    const Outcome outcome = klass({"shell", testdata("hostile/panics"), "--stage",
                                   "03-hello-module", "--run", "insmod hello.ko"});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.output, HasSubstr("hello.c:7, in hello_init"));
    EXPECT_THAT(outcome.output, HasSubstr("panic(\"as you wish\");"));
}

TEST(Shell, IsATerminalOfTheGuests) {
    TerminalUser user({"shell", chardev});
    ASSERT_TRUE(user.see("klass# ")) << user.screen();
    EXPECT_FALSE(user.cooked());
    user.type("echo $((6 * 7)); stty size\r");
    EXPECT_TRUE(user.see("42\r\n")) << user.screen();
    EXPECT_TRUE(user.see("40 100\r\n")) << user.screen();
    // What is typed before the prompt, while the shell takes its terminal over, may be lost.
    ASSERT_TRUE(user.see("klass# ")) << user.screen();
    user.resize(120, 50);
    // The size goes there by another way than the keys do.
    user.type("while [ \"$(stty size)\" != '50 120' ]; do :; done; echo re''sized\r");
    EXPECT_TRUE(user.see("resized\r\n")) << user.screen();
    ASSERT_TRUE(user.see("klass# ")) << user.screen();
    user.type("sleep 100000\r");
    ASSERT_TRUE(user.see("sleep 100000"));
    // So is a key that comes before the program has the terminal.
    bool interrupted = false;
    for (int tries = 0; tries < 60 && !interrupted; ++tries) {
        user.type("\x03");
        interrupted = user.see("klass# ", 2s);
    }
    ASSERT_TRUE(interrupted) << user.screen();
    user.type("insmod chardev.ko; ls /dev/ci*\r");
    EXPECT_TRUE(user.see("\n/dev/cicv\r\n")) << user.screen();
    ASSERT_TRUE(user.see("klass# ")) << user.screen();
    const auto qemus = qemus_of(user.pid());
    EXPECT_EQ(qemus.size(), 1U);
    user.type("exit\r");
    EXPECT_TRUE(user.see("the machine is gone")) << user.screen();
    EXPECT_EQ(user.wait(), 0);
    EXPECT_TRUE(user.cooked());
    EXPECT_TRUE(end(qemus));
}

TEST(Shell, KeyAndPoweroffEndIt) {
    TerminalUser user({"shell", chardev});
    ASSERT_TRUE(user.see("klass# ")) << user.screen();
    user.type("\x1d");
    EXPECT_TRUE(user.see("the machine is gone")) << user.screen();
    EXPECT_EQ(user.wait(), 0);
    TerminalUser other({"shell", chardev});
    ASSERT_TRUE(other.see("klass# ")) << other.screen();
    other.type("poweroff\r");
    EXPECT_TRUE(other.see("the machine ended")) << other.screen();
    EXPECT_EQ(other.wait(), 0);
}

TEST(Shell, KilledItPutsTheTerminalBack) {
    TerminalUser user({"shell", chardev});
    ASSERT_TRUE(user.see("klass# ")) << user.screen();
    const auto qemus = qemus_of(user.pid());
    EXPECT_EQ(qemus.size(), 1U);
    ASSERT_FALSE(user.cooked());
    kill(user.pid(), SIGKILL);
    user.wait();
    for (int tries = 0; tries < 10000 && !user.cooked(); ++tries)
        std::this_thread::sleep_for(1ms);
    EXPECT_TRUE(user.cooked());
    EXPECT_TRUE(end(qemus));
}

// --- debug

/** What gdb says to these commands. */
Outcome debug(const std::string &folder, const std::string &commands,
              std::vector<std::string> more = {}) {
    const TemporaryFolder temporary("test");
    const std::string file = temporary.path() / "commands";
    write_file_atomically(file, commands);
    std::vector<std::string> words{"debug", folder, "--batch", "--command", file};
    words.insert(words.end(), more.begin(), more.end());
    return klass(words);
}

TEST(Debug, StopsInTheInitFunctionAtTheStudentsLine) {
    const Outcome outcome =
        debug(chardev, "backtrace\nlx-lsmod\nlx-ps\nlx-dmesg\nprint sizeof(struct task_struct)\n");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr("#0  cicv_init () at "));
    EXPECT_THAT(outcome.output, testing::ContainsRegex("chardev.c:1[56][0-9]"));
    EXPECT_THAT(outcome.output, HasSubstr("do_init_module"));
    EXPECT_THAT(outcome.output, testing::ContainsRegex("0x[0-9a-f]+ chardev "));
    EXPECT_THAT(outcome.output, HasSubstr("swapper"));
    EXPECT_THAT(outcome.output, HasSubstr("Linux version"));
}

TEST(Debug, GuestDoesWhatItIsToldWhileGdbWatches) {
    const Outcome outcome = debug(chardev,
                                  "break cicv_write\n"
                                  "klass-run echo hello > /dev/cicv\n"
                                  "continue\n"
                                  "backtrace 1\n"
                                  "print count\n"
                                  "print file->f_op->write\n"
                                  "delete\n"
                                  "tbreak cicv_read\n"
                                  "klass-run cat /dev/cicv\n"
                                  "continue\n"
                                  "backtrace 1\n");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr("cicv_write (file="));
    EXPECT_THAT(outcome.output, HasSubstr("= 6\n"));
    EXPECT_THAT(outcome.output, HasSubstr("<cicv_write>"));
    EXPECT_THAT(outcome.output, HasSubstr("cicv_read (file="));
    EXPECT_THAT(outcome.output, HasSubstr("`echo hello > /dev/cicv` ended with status 0"));
}

TEST(Debug, ChecksOfTheStageRunUnderIt) {
    const Outcome outcome = debug(chardev, "break cicv_read\ncontinue\nbacktrace 1\n",
                                  {"--check", "reads-back", "--seed", "7"});
    EXPECT_THAT(outcome.output, HasSubstr("asks for insmod chardev.ko"));
    EXPECT_THAT(outcome.output, HasSubstr("cicv_read (file="));
}

TEST(Debug, CtrlCInATerminalStopsTheGuestAndNotKlass) {
    TerminalUser user({"debug", chardev});
    ASSERT_TRUE(user.see("(gdb) ")) << user.screen();
    const auto qemus = qemus_of(user.pid());
    EXPECT_EQ(qemus.size(), 1U);
    user.type("klass-run sleep 100\r");
    ASSERT_TRUE(user.see("(gdb) ")) << user.screen();
    user.type("continue\r");
    ASSERT_TRUE(user.see("Continuing.")) << user.screen();
    // The guest runs: the module, in whose init function it stood, is loaded.
    ASSERT_TRUE(user.see("insmod chardev.ko")) << user.screen();
    user.type("\x03");
    ASSERT_TRUE(user.see("SIGINT")) << user.screen();
    ASSERT_TRUE(user.see("(gdb) ")) << user.screen();
    // A few frames: gdb asks before it prints more than the screen has lines.
    user.type("backtrace 3\r");
    EXPECT_TRUE(user.see("#0  ")) << user.screen();
    ASSERT_TRUE(user.see("(gdb) ")) << user.screen();
    user.type("quit\r");
    ASSERT_TRUE(user.see("(y or n)")) << user.screen();
    user.type("y\r");
    EXPECT_EQ(user.wait(), 0) << user.screen();
    EXPECT_TRUE(user.cooked());
    EXPECT_TRUE(end(qemus));
}

// --- lint

TEST(Lint, ReferencesOfAllStagesAreClean) {
    for (const auto &stage : fs::directory_iterator(KLASS_SOURCE_DIR "/solutions")) {
        const Outcome outcome = klass({"lint", stage.path().string()});
        EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    }
}

TEST(Lint, EachReaderHasItsSay) {
    const Outcome outcome =
        klass({"lint", testdata("advised"), "--stage", "03-hello-module", "--format", "json"});
    EXPECT_EQ(outcome.exit_code, 1);
    const json report = json::parse(outcome.output);
    std::map<std::string, json> by_tool;
    for (const json &advice : report["advice"]) {
        by_tool[advice["tool"]].push_back(advice);
        EXPECT_EQ(advice["file"], "hello.c");
        EXPECT_NE(advice["line"], 0);
        EXPECT_NE(advice["text"], "");
        EXPECT_NE(advice["meaning"], "");
    }
    EXPECT_THAT(by_tool["checkpatch"].dump(), HasSubstr("SPACING"));
    EXPECT_THAT(by_tool["sparse"].dump(), HasSubstr("different address spaces"));
    EXPECT_THAT(by_tool["sparse"].dump(), HasSubstr("Should it be static"));
    EXPECT_THAT(by_tool["cppcheck"].dump(), HasSubstr("arrayIndexOutOfBounds"));
    EXPECT_THAT(by_tool["gcc -fanalyzer"].dump(), HasSubstr("-Wanalyzer-"));
}

// Each page that a remark sends the reader to is one of the very kernel's documentation.
TEST(Lint, LinksLeadToPagesThatThereAre) {
    const json report = json::parse(
        klass({"lint", testdata("advised"), "--stage", "03-hello-module", "--format", "json"})
            .output);
    fs::path documentation;
    for (const auto &entry : fs::directory_iterator(Paths::from_environment().cache / "source"))
        if (fs::is_directory(entry.path() / "Documentation"))
            documentation = entry.path() / "Documentation";
    int links = 0;
    for (const json &advice : report["advice"]) {
        const std::string link = advice["link"];
        if (!link.starts_with("https://docs.kernel.org/"))
            continue;
        ++links;
        const fs::path page = link.substr(std::string("https://docs.kernel.org/").size());
        EXPECT_TRUE(fs::exists(documentation / fs::path(page).replace_extension(".rst"))) << page;
    }
    EXPECT_GT(links, 0);
}

// --- replay

TEST(Replay, ShowsTheKernelsWordsUnderTheCallThatProvokedThem) {
    const TemporaryFolder folder("test");
    const std::string file = folder.path() / "report.json";
    klass({"grade", KLASS_SOURCE_DIR "/solutions/03-hello-module", "--check", "says-hello",
           "--format", "json", "--output", file, "--quiet"});
    const Outcome outcome = klass({"replay", file, "says-hello"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    EXPECT_THAT(outcome.output,
                HasSubstr("sources, kernel, QEMU and checks are those of the report"));
    const std::size_t call = outcome.output.find("  insmod hello.ko");
    const std::size_t line = outcome.output.find("      [", call);
    const std::size_t result = outcome.output.find(" = 0\n", line);
    EXPECT_LT(call, line) << outcome.output;
    EXPECT_NE(result, std::string::npos) << outcome.output;
    EXPECT_THAT(outcome.output, Not(HasSubstr("klass-end-")));
}

TEST(Replay, SaysWhatDiffersFromTheReport) {
    const TemporaryFolder folder("test");
    const fs::path copy = folder.path() / "03-hello-module";
    fs::copy(KLASS_SOURCE_DIR "/exercises/03-hello-module", copy);
    const std::string file = folder.path() / "report.json";
    klass({"grade", copy.string(), "--check", "says-hello", "--format", "json", "--output", file,
           "--quiet"});
    json report = json::parse(read_file(file));
    report["qemu"]["version"] = "1.2.3";
    report["kernel"]["key"] = "another";
    report["checks_sha256"] = std::string(64, '0');
    write_file_atomically(file, report.dump());
    write_file_atomically(copy / "hello.c", read_file(copy / "hello.c") + "/* more */\n");
    const Outcome outcome = klass({"replay", file, "says-hello"});
    EXPECT_THAT(outcome.output, HasSubstr("the sources have changed"));
    EXPECT_THAT(outcome.output, HasSubstr("the kernel is another build"));
    EXPECT_THAT(outcome.output, HasSubstr("1.2.3 then"));
    EXPECT_THAT(outcome.output, HasSubstr("its checks may differ"));
}

TEST(Replay, PrintsTheCommandLineOfTheMachine) {
    const TemporaryFolder folder("test");
    const std::string file = folder.path() / "report.json";
    klass({"grade", KLASS_SOURCE_DIR "/exercises/03-hello-module", "--check", "says-hello",
           "--format", "json", "--output", file, "--quiet"});
    const Outcome outcome = klass({"replay", file, "says-hello", "--qemu"});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.output, AllOf(HasSubstr("qemu-system-x86_64 "), HasSubstr(" -append '")));
}

TEST(Replay, ReportThatIsNoneIsAUsageError) {
    EXPECT_EQ(klass({"replay", KLASS_SOURCE_DIR "/README.md", "says-hello"}).exit_code, 2);
}

// --- what a report says of memory that is left

TEST(Leak, IsTracedToTheLineThatAllocated) {
    const TemporaryFolder folder("test");
    const fs::path copy = folder.path() / "04-chardev";
    fs::copy(chardev, copy, fs::copy_options::recursive);
    ASSERT_TRUE(run({.argv = {"patch", "-s", "-p1", "-d", copy.string(), "-i",
                              (copy / "mutants/leaks-write-copy.patch").string()}})
                    .ok());
    const std::string file = folder.path() / "report.json";
    klass({"grade", copy.string(), "--check", "frees-everything", "--format", "json", "--output",
           file, "--quiet"});
    const json report = json::parse(read_file(file));
    const json &crash = report["checks"][0]["crash"];
    EXPECT_EQ(crash["kind"], "leak");
    ASSERT_FALSE(crash["frames"].empty());
    EXPECT_EQ(crash["frames"][0]["stack"], "allocated");
    EXPECT_EQ(crash["frames"][0]["function"], "cicv_write");
    EXPECT_EQ(crash["frames"][0]["text"], "bytes = memdup_user(from, count);");
}

// --- doctor

TEST(Doctor, FindsThisMachineFit) {
    const Outcome outcome = klass({"doctor"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    EXPECT_THAT(outcome.output,
                AllOf(HasSubstr("the debug kernel, 6.12."), HasSubstr("Klass can grade here.")));
}

TEST(Doctor, SaysWhatIsMissingAndHowToMendIt) {
    const TemporaryFolder folder("test");
    const Outcome outcome = klass({"doctor"}, {{"KLASS_AGENT", folder.path() / "no-agent"}});
    EXPECT_EQ(outcome.exit_code, 3);
    EXPECT_THAT(outcome.output, HasSubstr("MISSING"));
    EXPECT_THAT(outcome.output, HasSubstr("mend it: ninja -C build/default klass-agent"));
}

}  // namespace
}  // namespace klass
