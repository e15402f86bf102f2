// SPDX-License-Identifier: Apache-2.0
#include "kernel/sandbox.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <thread>

#include "util/digest.h"
#include "util/error.h"
#include "util/scoped_fd.h"
#include "util/temporary_folder.h"

namespace klass::kernel {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

SandboxedCommand shell(const std::string &script) {
    SandboxedCommand command;
    command.argv = {"sh", "-c", script};
    command.limits.time = 30s;
    return command;
}

std::string output_of(const std::string &script) {
    return run_in_sandbox(shell(script)).output;
}

/** A folder with one secret file that no mount shows. */
class HostFile {
  public:
    HostFile() {
        std::ofstream(path()) << "the host's secret\n";
        // Readable by all, so that nothing but the sandbox keeps it from being read.
        fs::permissions(folder_.path(), fs::perms(0777));
        fs::permissions(path(), fs::perms(0666));
    }
    [[nodiscard]] std::string path() const { return folder_.path() / "secret"; }

  private:
    TemporaryFolder folder_{"sandbox-test"};
};

TEST(Sandbox, PassesOutputAndStatusOn) {
    std::vector<std::string> lines;
    SandboxedCommand command = shell("echo one; echo two >&2; exit 7");
    command.on_line = [&](std::string_view line) { lines.emplace_back(line); };
    const Outcome outcome = run_in_sandbox(command);
    EXPECT_EQ(outcome.exit_code, 7);
    EXPECT_EQ(outcome.output, "one\ntwo\n");
    EXPECT_THAT(lines, testing::ElementsAre("one", "two"));
}

TEST(Sandbox, HostFilesAreNotThere) {
    const HostFile host;
    const std::string output = output_of("cat " + host.path() + " /etc/shadow; ls /root /home");
    EXPECT_THAT(output, Not(HasSubstr("secret\n")));
    EXPECT_THAT(output, HasSubstr("No such file or directory"));
    EXPECT_EQ(output_of("ls -A /etc | grep -v -e alternatives -e ld.so.cache"), "");
    EXPECT_EQ(output_of("ls -A /tmp /var 2>/dev/null"), "/tmp:\n");
}

TEST(Sandbox, NothingOutsideItsFoldersIsWritable) {
    const Outcome outcome = run_in_sandbox(
        shell("for f in /x /usr/x /dev/x /dev/shm/x /etc/x; do touch $f && echo wrote $f; done; "
              "touch /tmp/x && echo fine"));
    EXPECT_THAT(outcome.output, Not(HasSubstr("wrote")));
    EXPECT_THAT(outcome.output, HasSubstr("fine\n"));
    EXPECT_FALSE(fs::exists("/usr/x"));
}

TEST(Sandbox, MountsAreReadOnlyUnlessTheySayOtherwise) {
    const TemporaryFolder folder("sandbox-test");
    std::ofstream(folder.path() / "kept") << "kept";
    std::ofstream(folder.path() / "filled") << "";
    fs::permissions(folder.path(), fs::perms(0755));
    fs::permissions(folder.path() / "kept", fs::perms(0666));
    SandboxedCommand command = shell(
        "cat /a/b/kept; echo no > /a/b/kept; echo no > /a/b/new; rm /a/b/kept; echo yes > /out");
    command.mounts = {{folder.path(), "/a/b"}, {folder.path() / "filled", "/out", true}};
    EXPECT_EQ(run_in_sandbox(command).output.substr(0, 4), "kept");
    EXPECT_EQ(read_file(folder.path() / "kept"), "kept");
    EXPECT_FALSE(fs::exists(folder.path() / "new"));
    EXPECT_EQ(read_file(folder.path() / "filled"), "yes\n");
    struct stat status {};
    ASSERT_EQ(stat((folder.path() / "filled").c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, geteuid()) << "it is ours again";
}

TEST(Sandbox, AMountThatIsNotThereIsOurFault) {
    SandboxedCommand command = shell("true");
    command.mounts = {{"/nowhere/at/all", "/a"}};
    EXPECT_THROW(run_in_sandbox(command), GraderFault);
}

TEST(Sandbox, SomebodyWithoutAnyRightRunsIt) {
    const std::string output = output_of("id -u; cat /proc/self/status 2>/dev/null");
    EXPECT_NE(output.substr(0, output.find('\n')), "0");
    EXPECT_NE(output.substr(0, output.find('\n')), "1000");
    if (output_of("ls -A /proc 2>/dev/null").empty())
        GTEST_SKIP() << "this machine allows no /proc of its own: the rights cannot be read";
    for (const char *set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
        EXPECT_THAT(output, HasSubstr(std::string(set) + ":\t0000000000000000"));
    EXPECT_THAT(output, HasSubstr("NoNewPrivs:\t1"));
}

TEST(Sandbox, OurOwnBuildsFilesStayOurs) {
    const TemporaryFolder folder("sandbox-test");
    SandboxedCommand command = shell("echo made > /out/made");
    command.mounts = {{folder.path(), "/out", true}};
    command.run_as = RunAs::caller;
    EXPECT_TRUE(run_in_sandbox(command).ok());
    struct stat status {};
    ASSERT_EQ(stat((folder.path() / "made").c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, geteuid());
}

TEST(Sandbox, TheEnvironmentIsOnlyWhatWasSaid) {
    ASSERT_EQ(setenv("KLASS_TEST_TOKEN", "leaked", 1), 0);
    SandboxedCommand command = shell("env");
    command.environment = {{"SAID", "yes"}};
    const std::string output = run_in_sandbox(command).output;
    unsetenv("KLASS_TEST_TOKEN");
    EXPECT_THAT(output, HasSubstr("SAID=yes\n"));
    EXPECT_THAT(output, Not(HasSubstr("leaked")));
    EXPECT_THAT(output, Not(HasSubstr("HOME=")));
}

TEST(Sandbox, TheHostsNetworkIsOutOfReach) {
    const ScopedFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto *generic = reinterpret_cast<sockaddr *>(&address);
    ASSERT_EQ(bind(listener.get(), generic, length), 0);
    ASSERT_EQ(listen(listener.get(), 1), 0);
    ASSERT_EQ(getsockname(listener.get(), generic, &length), 0);
    const std::string connect = "bash -c 'echo > /dev/tcp/127.0.0.1/" +
                                std::to_string(ntohs(address.sin_port)) + "' && echo connected";
    Command outside;
    outside.argv = {"sh", "-c", connect};
    ASSERT_THAT(run(outside).output, HasSubstr("connected")) << "the test itself works";
    EXPECT_THAT(output_of(connect), Not(HasSubstr("connected")));
}

TEST(Sandbox, AnEndlessLoopEndsWithItsTime) {
    SandboxedCommand command = shell("while :; do :; done");
    command.limits.time = 500ms;
    const Outcome outcome = run_in_sandbox(command);
    EXPECT_TRUE(outcome.timed_out);
    EXPECT_LT(outcome.duration, 10s);
}

TEST(Sandbox, ThatTheHostIsTooBusyIsNoFailureOfTheBuild) {
    SandboxedCommand command = shell("sleep 100");
    command.limits.longest_wait = 500ms;
    try {
        run_in_sandbox(command);
        ADD_FAILURE() << "it came back";
    } catch (const GraderFault &fault) {
        EXPECT_STREQ(fault.what(),
                     "the machine was too busy: after 500 ms the build had not had the "
                     "30 s that it may take");
    }
}

/** True when a process of the host has the mark in its command line. */
bool is_running(const std::string &mark) {
    for (const auto &process : fs::directory_iterator("/proc")) {
        std::ifstream file(process.path() / "cmdline");
        const std::string line((std::istreambuf_iterator<char>(file)), {});
        if (line.starts_with("sleep") && line.find(mark) != std::string::npos)
            return true;
    }
    return false;
}

TEST(Sandbox, NoProcessOutlivesIt) {
    const std::string mark = "86399." + std::to_string(getpid());
    SandboxedCommand command = shell("(setsid sleep " + mark + " >/dev/null 2>&1 &) ; sleep 30");
    command.limits.time = 1s;
    EXPECT_TRUE(run_in_sandbox(command).timed_out);
    for (int tries = 0; is_running(mark) && tries < 100; ++tries)
        std::this_thread::sleep_for(20ms);
    EXPECT_FALSE(is_running(mark));
}

TEST(Sandbox, AForkBombRunsAgainstTheWall) {
    if (geteuid() == 0 && output_of("id -u") == "65534\n")
        GTEST_SKIP() << "root that may not make mounts stays root inside: see SandboxLimits";
    SandboxedCommand command =
        shell("i=0; while [ $i -lt 40 ]; do sleep 5 & i=$((i+1)); done; echo forty started");
    command.limits.processes = 20;
    const Outcome outcome = run_in_sandbox(command);
    EXPECT_THAT(outcome.output, HasSubstr("Cannot fork"));
    EXPECT_THAT(outcome.output, Not(HasSubstr("forty started")));
}

TEST(Sandbox, OneRunsProcessesDoNotCountAgainstAnother) {
    SandboxedCommand hungry =
        shell("i=0; while [ $i -lt 15 ]; do sleep 2 & i=$((i+1)); done; echo started; wait");
    hungry.limits.processes = 20;
    Outcome first;
    std::thread other([&] { first = run_in_sandbox(hungry); });
    const Outcome second = run_in_sandbox(hungry);
    other.join();
    EXPECT_EQ(first.output, "started\n");
    EXPECT_EQ(second.output, "started\n");
}

TEST(Sandbox, EndlessOutputIsStopped) {
    SandboxedCommand command = shell("yes");
    command.limits.output_bytes = 100'000;
    const Outcome outcome = run_in_sandbox(command);
    EXPECT_TRUE(outcome.output_truncated);
    EXPECT_FALSE(outcome.ok());
    EXPECT_LT(outcome.output.size(), 200'000U);
    EXPECT_LT(outcome.duration, 10s) << "and not only at the end of its time";
}

TEST(Sandbox, FilesMemoryAndScratchAreLimited) {
    SandboxedCommand command = shell(
        "head -c 3000000 /dev/zero > /tmp/big; stat -c %s /tmp/big;"
        "i=0; while [ $i -lt 20 ]; do head -c 900000 /dev/zero > /scratch/$i; i=$((i+1)); done;"
        "du -sk /scratch | cut -f1; head -c 300000000 /dev/zero | tail -c 300000000 | wc -c");
    command.scratch = {"/scratch"};
    command.limits.file_bytes = 1'000'000;
    command.limits.scratch_bytes = 4 << 20;
    command.limits.memory_bytes_per_process = std::uint64_t{200} << 20;
    const std::string output = run_in_sandbox(command).output;
    EXPECT_THAT(output, HasSubstr("\n1000000\n"));
    EXPECT_THAT(output, HasSubstr("No space left on device"));
    EXPECT_THAT(output, HasSubstr("\n4096\n"));
    EXPECT_THAT(output, HasSubstr("memory exhausted"));
}

TEST(Sandbox, ABuildCannotPassItsFailureOffAsOurs) {
    const Outcome outcome =
        run_in_sandbox(shell("echo 'bwrap: No permissions to create new namespace'; exit 1"));
    EXPECT_EQ(outcome.exit_code, 1) << "its own failure, and no GraderFault";
}

}  // namespace
}  // namespace klass::kernel
