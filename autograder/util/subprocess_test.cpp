// SPDX-License-Identifier: Apache-2.0
#include "util/subprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <tuple>

#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

Command shell(const std::string &script) {
    Command command;
    command.argv = {"sh", "-c", script};
    return command;
}

/** A process that is gone, or dead and not yet collected by init. */
bool is_dead(const std::string &pid) {
    std::error_code ignored;
    if (!std::filesystem::exists("/proc/" + pid, ignored))
        return true;
    try {
        return read_file("/proc/" + pid + "/stat").find(") Z ") != std::string::npos;
    } catch (const GraderFault &) {
        return true;
    }
}

bool dies_within(const std::string &pid, milliseconds bound) {
    for (const auto end = std::chrono::steady_clock::now() + bound;
         std::chrono::steady_clock::now() < end;) {
        if (is_dead(pid))
            return true;
        std::this_thread::sleep_for(milliseconds{10});
    }
    return is_dead(pid);
}

/** Of a program that sleeps for longer than either. */
Outcome timed_out(milliseconds own_timeout, milliseconds timeout) {
    Command command = shell("sleep 100");
    command.own_timeout = own_timeout;
    command.timeout = timeout;
    Outcome outcome = run(command);
    EXPECT_TRUE(outcome.timed_out);
    EXPECT_LT(outcome.duration, seconds{60});
    return outcome;
}

TEST(Run, AProgramMayBeBlamedForItsOwnTime) {
    EXPECT_FALSE(timed_out(milliseconds{300}, seconds{90}).starved);
}

TEST(Run, NotForTheHosts) {
    EXPECT_TRUE(timed_out(seconds{90}, milliseconds{300}).starved);
}

TEST(Run, CollectsBothStreamsAndTheExitCode) {
    const Outcome outcome = run(shell("echo out; echo err >&2; exit 3"));
    EXPECT_EQ(outcome.output, "out\nerr\n");
    EXPECT_EQ(outcome.exit_code, 3);
    EXPECT_EQ(outcome.signal, 0);
    EXPECT_FALSE(outcome.ok());
    EXPECT_TRUE(run(shell("true")).ok());
}

TEST(Run, TellsASignalFromAnExit) {
    const Outcome outcome = run(shell("kill -SEGV $$"));
    EXPECT_EQ(outcome.exit_code, -1);
    EXPECT_EQ(outcome.signal, SIGSEGV);
    EXPECT_FALSE(outcome.timed_out);
}

TEST(Run, GivesNoInputAndNoOtherDescriptor) {
    std::array<int, 2> leaked{};
    ASSERT_EQ(pipe(leaked.data()), 0);
    const Outcome outcome = run(shell("cat; ls /proc/self/fd | sort -n | tail -1"));
    // ls itself opens the folder, as descriptor 3.
    EXPECT_EQ(outcome.output, "3\n");
    close(leaked[0]);
    close(leaked[1]);
}

TEST(Run, AddsToTheEnvironmentAndReplacesInIt) {
    Command command = shell("echo $HOME $KLASS_TEST_WORD ${PATH:+path}");
    command.environment = {{"HOME", "/elsewhere"}, {"KLASS_TEST_WORD", "word"}};
    EXPECT_EQ(run(command).output, "/elsewhere word path\n");
}

TEST(Run, CutsOutputAtItsLimitButGoesOnReading) {
    Command command = shell("head -c 300000 /dev/zero; echo end");
    command.output_limit = 1000;
    std::string last;
    command.on_line = [&](std::string_view line) { last = line; };
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.output.size(), 1000U);
    EXPECT_TRUE(outcome.output_truncated);
    EXPECT_TRUE(outcome.ok());
    EXPECT_THAT(last, HasSubstr("end"));
}

TEST(Run, GivesLinesAsTheyComeAndTheLastWithoutItsEnd) {
    Command command = shell("printf 'one\\n\\ntwo\\nthr'; sleep 0.05; printf ee");
    std::vector<std::string> lines;
    command.on_line = [&](std::string_view line) { lines.emplace_back(line); };
    EXPECT_TRUE(run(command).ok());
    EXPECT_THAT(lines, ElementsAre("one", "", "two", "three"));
}

TEST(Run, KillsTheWholeGroupAtTheTimeout) {
    Command command = shell("sleep 1000 & echo $!; wait");
    command.timeout = milliseconds{200};
    const Outcome outcome = run(command);
    EXPECT_TRUE(outcome.timed_out);
    EXPECT_EQ(outcome.exit_code, -1);
    EXPECT_EQ(outcome.signal, SIGKILL);
    EXPECT_GE(outcome.duration, milliseconds{200});
    EXPECT_LT(outcome.duration, seconds{20});
    EXPECT_TRUE(dies_within(outcome.output.substr(0, outcome.output.find('\n')), seconds{5}));
}

TEST(Run, KeepsToTheTimeoutUnderEndlessOutput) {
    Command command = shell("exec yes");
    command.timeout = milliseconds{200};
    command.output_limit = 1000;
    const Outcome outcome = run(command);
    EXPECT_TRUE(outcome.timed_out);
    EXPECT_TRUE(outcome.output_truncated);
    EXPECT_LT(outcome.duration, seconds{20});
}

TEST(Run, DoesNotWaitForWhatTheProgramLeftBehind) {
    const Outcome outcome = run(shell("sleep 1000 & echo $!"));
    EXPECT_TRUE(outcome.ok());
    EXPECT_LT(outcome.duration, seconds{20});
    EXPECT_TRUE(dies_within(outcome.output.substr(0, outcome.output.find('\n')), seconds{5}));
}

TEST(Run, KillsTheProgramWhenTheLineReaderThrows) {
    Command command = shell("echo $$; exec sleep 1000");
    std::string pid;
    command.on_line = [&](std::string_view line) {
        pid = line;
        throw std::runtime_error("enough");
    };
    EXPECT_THROW(run(command), std::runtime_error);
    EXPECT_TRUE(dies_within(pid, seconds{5}));
}

TEST(Run, NamesAProgramThatIsNotThere) {
    Command command;
    command.argv = {"klass-no-such-program"};
    try {
        run(command);
        FAIL() << "it ran a program that is not there";
    } catch (const GraderFault &fault) {
        EXPECT_STREQ(fault.what(), "klass-no-such-program is not there or cannot be executed");
        EXPECT_FALSE(fault.way_out().empty());
    }
}

TEST(Run, SaysWhyAFileCannotBeExecuted) {
    const TemporaryFolder folder("run-test");
    const auto program = folder.path() / "program";
    write_file_atomically(program, "neither a script nor a program\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    Command command;
    command.argv = {program.string()};
    try {
        run(command);
        FAIL() << "it ran a text";
    } catch (const GraderFault &fault) {
        EXPECT_THAT(fault.what(), HasSubstr("Exec format error"));
    }
}

TEST(Run, ProgramDiesWithThisProcess) {
    const TemporaryFolder folder("run-test");
    const auto pid_file = folder.path() / "pid";
    const pid_t owner = fork();
    ASSERT_GE(owner, 0);
    if (owner == 0) {
        run(shell("echo $$ > " + pid_file.string() + ".new; mv " + pid_file.string() + ".new " +
                  pid_file.string() + "; exec sleep 1000"));
        _exit(0);
    }
    while (!std::filesystem::exists(pid_file))
        std::this_thread::sleep_for(milliseconds{5});
    kill(owner, SIGKILL);
    waitpid(owner, nullptr, 0);
    std::string pid = read_file(pid_file);
    pid.pop_back();
    EXPECT_TRUE(dies_within(pid, seconds{5}));
}

TEST(Interrupts, EndARunAndStayVisible) {
    EXPECT_EXIT(
        {
            handle_interrupts();
            std::thread user([] {
                std::this_thread::sleep_for(milliseconds{100});
                kill(getpid(), SIGTERM);
            });
            try {
                run(shell("sleep 1000"));
            } catch (const Interrupted &) {
                pollfd event{};
                event.fd = interrupt_fd();
                event.events = POLLIN;
                const bool readable = poll(&event, 1, 0) == 1 && poll(&event, 1, 0) == 1;
                _exit(interrupted() && readable ? 7 : 1);
            }
            _exit(0);
        },
        testing::ExitedWithCode(7), "");
}

TEST(Interrupts, AnIgnoredSignalStaysIgnored) {
    EXPECT_EXIT(
        {
            std::ignore = signal(SIGHUP, SIG_IGN);
            handle_interrupts();
            std::ignore = raise(SIGHUP);
            _exit(interrupted() ? 1 : 7);
        },
        testing::ExitedWithCode(7), "");
}

bool is_readable(int fd) {
    pollfd event{fd, POLLIN, 0};
    return poll(&event, 1, 0) == 1;
}

TEST(Interrupts, WorkCanBeStoppedByAnotherThreadAndBeginAnew) {
    EXPECT_EXIT(
        {
            handle_interrupts();
            std::thread other([] {
                std::this_thread::sleep_for(milliseconds{100});
                stop_work();
            });
            bool stopped = false;
            try {
                run({.argv = {"sleep", "600"}});
            } catch (const Interrupted &) {
                stopped = true;
            }
            other.join();
            const bool was_readable = is_readable(interrupt_fd());
            allow_work();
            const bool runs_again = run({.argv = {"true"}}).ok() && !is_readable(interrupt_fd());
            _exit(stopped && was_readable && !signal_came() && runs_again ? 7 : 1);
        },
        testing::ExitedWithCode(7), "");
}

TEST(Interrupts, ASignalIsNotForgottenWhenWorkMayBeginAnew) {
    EXPECT_EXIT(
        {
            handle_interrupts();
            stop_work();
            std::ignore = raise(SIGTERM);
            allow_work();
            _exit(signal_came() && interrupted() && is_readable(interrupt_fd()) ? 7 : 1);
        },
        testing::ExitedWithCode(7), "");
}

TEST(FindProgram, SearchesThePath) {
    EXPECT_THAT(find_program("sh"), testing::EndsWith("/sh"));
    EXPECT_EQ(find_program("/bin/sh"), "/bin/sh");
    EXPECT_EQ(find_program("klass-no-such-program"), "");
    EXPECT_EQ(find_program("/etc/passwd"), "");
}

}  // namespace
}  // namespace klass
