// SPDX-License-Identifier: Apache-2.0
// The real program against real guests: what `klass grade` does with bad input
// and hostile submissions, as a user sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "cli/run_klass.h"
#include "util/digest.h"
#include "util/paths.h"
#include "util/subprocess.h"
#include "util/temporary_folder.h"

namespace klass {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AnyOf;
using testing::HasSubstr;

fs::path hostile(const std::string &name) {
    return fs::path(KLASS_SOURCE_DIR) / "autograder/cli/testdata/hostile" / name;
}

/** Grades a hostile submission of stage 03 by one check and reads the report. */
struct Graded {
    Outcome outcome;
    json report;
    json check;

    explicit Graded(const std::string &name, const std::string &id = "says-hello") {
        const TemporaryFolder folder("test");
        const fs::path file = folder.path() / "report.json";
        outcome = klass({"grade", hostile(name).string(), "--stage", "03-hello-module", "--check",
                         id, "--format", "json", "--output", file.string(), "--quiet"});
        if (fs::exists(file))
            report = json::parse(read_file(file));
        if (report.contains("checks") && !report["checks"].empty())
            check = report["checks"][0];
    }
};

// --- the call is wrong: exit status 2, and a way out

TEST(Grade, NoSuchFolder) {
    const Outcome outcome = klass({"grade", "/no/such/folder", "--stage", "03-hello-module"});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.output, HasSubstr("/no/such/folder"));
}

TEST(Grade, FolderWithoutSources) {
    const TemporaryFolder folder("test");
    const Outcome outcome = klass({"grade", folder.path().string(), "--stage", "03-hello-module"});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.output, HasSubstr(folder.path().string()));
}

TEST(Grade, StageThatCannotBeTold) {
    const Outcome outcome = klass({"grade", hostile("panics").string()});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.output, HasSubstr("04-chardev"));
}

TEST(Grade, UnknownCheckNamesTheOnesThereAre) {
    const Outcome outcome = klass(
        {"grade", hostile("panics").string(), "--stage", "03-hello-module", "--check", "no-such"});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.output, HasSubstr("says-hello"));
}

TEST(Grade, UnknownFormatNamesTheOnesThereAre) {
    const Outcome outcome = klass(
        {"grade", hostile("panics").string(), "--stage", "03-hello-module", "--format", "word"});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.output, HasSubstr("json"));
}

TEST(Grade, HelpNamesTheFormats) {
    const Outcome outcome = klass({"grade", "--help"});
    EXPECT_EQ(outcome.exit_code, 0);
    for (const char *name :
         {"text", "json", "html", "junit", "ktap", "gradescope", "sarif", "github"})
        EXPECT_THAT(outcome.output, HasSubstr(name));
}

TEST(Grade, WritesEveryFormatOfOneGrading) {
    const TemporaryFolder folder("test");
    std::vector<std::string> words{"grade", KLASS_SOURCE_DIR "/exercises/03-hello-module",
                                   "--check", "says-hello", "--quiet"};
    const std::map<std::string, std::string> starts{{"text", "03-hello-module"},
                                                    {"json", "{\n"},
                                                    {"html", "<!DOCTYPE html>"},
                                                    {"junit", "<?xml"},
                                                    {"ktap", "KTAP version 1"},
                                                    {"gradescope", "{\n"},
                                                    {"sarif", "{\n"},
                                                    {"github", "::"}};
    for (const auto &[format, start] : starts)
        words.insert(words.end(), {"--format", format, "--output", folder.path() / format});
    EXPECT_EQ(klass(words).exit_code, 1);
    for (const auto &[format, start] : starts)
        EXPECT_THAT(read_file(folder.path() / format), testing::StartsWith(start));
}

TEST(Grade, WritesToStandardOutputWhatHasNoFileOrADash) {
    const TemporaryFolder folder("test");
    const std::string page = folder.path() / "page.html";
    for (const std::vector<std::string> &dash : {std::vector<std::string>{"--output", "-"}, {}}) {
        std::vector<std::string> words{"grade",    KLASS_SOURCE_DIR "/exercises/03-hello-module",
                                       "--check",  "says-hello",
                                       "--format", "ktap"};
        words.insert(words.end(), dash.begin(), dash.end());
        words.insert(words.end(), {"--format", "html", "--output", page});
        const Outcome outcome = klass(words);
        EXPECT_EQ(outcome.exit_code, 1);
        // And nothing else is there.
        EXPECT_THAT(outcome.output, testing::StartsWith("KTAP version 1\n"));
        EXPECT_THAT(outcome.output, testing::EndsWith("\nnot ok 1 03-hello-module\n"));
        EXPECT_THAT(read_file(page), testing::StartsWith("<!DOCTYPE html>"));
        fs::remove(page);
    }
}

TEST(Grade, OutputBelongsToTheFormatBeforeIt) {
    for (const std::vector<std::string> &outputs :
         {std::vector<std::string>{"--output", "a", "--format", "json"},
          {"--format", "json", "--output", "a", "--output", "b"}}) {
        std::vector<std::string> words{"grade", KLASS_SOURCE_DIR "/exercises/03-hello-module"};
        words.insert(words.end(), outputs.begin(), outputs.end());
        const Outcome outcome = klass(words);
        EXPECT_EQ(outcome.exit_code, 2);
        EXPECT_THAT(outcome.output, HasSubstr("--output without a --format before it"));
    }
}

// Of a repeated option each takes one word: the next is the verb's again.
TEST(Grade, ARepeatedOptionLeavesTheStageAlone) {
    const Outcome outcome =
        klass({"course", "check", "--mutant", "no-such-mutant", "03-hello-module"});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.output, HasSubstr("03-hello-module has no mutant no-such-mutant"));
}

TEST(Grade, UnknownVerbIsAUsageError) {
    EXPECT_EQ(klass({"frobnicate"}).exit_code, 2);
}

TEST(Grade, BenchmarksSpeakTheContractedJson) {
    const Outcome outcome =
        klass({"bench", "clones_per_second_1", "--clones", "4", "--format", "json"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
    const json report = json::parse(outcome.output.substr(outcome.output.find("{")));
    ASSERT_EQ(report["benchmarks"].size(), 1U);
    const json &entry = report["benchmarks"][0];
    EXPECT_EQ(entry["name"], "clones_per_second_1");
    EXPECT_EQ(entry["unit"], "1/s");
    EXPECT_EQ(entry["n"], 3);
    EXPECT_GT(entry["value"], 0);
    EXPECT_LE(entry["min"], entry["value"]);
    EXPECT_GE(entry["max"], entry["value"]);
}

TEST(Grade, ReplayCarriesOutTheSameCheckAgain) {
    const TemporaryFolder folder("test");
    const std::string file = folder.path() / "report.json";
    const std::string again = folder.path() / "again.json";
    klass({"grade", KLASS_SOURCE_DIR "/exercises/03-hello-module", "--check", "says-hello",
           "--format", "json", "--output", file, "--quiet"});
    const Outcome outcome = klass({"replay", file, "says-hello"});
    EXPECT_EQ(outcome.exit_code, 1);
    const json report = json::parse(read_file(file));
    // The seed, and so the random name that the module was told.
    EXPECT_THAT(outcome.output, HasSubstr("seed " + report["seed"].dump()));
    EXPECT_THAT(outcome.output, HasSubstr(report["checks"][0]["did"][0].get<std::string>()));
    EXPECT_EQ(klass({"replay", file, "seek"}).exit_code, 2);
}

// --- the submission is wrong: exit status 1, and what is wrong with it

TEST(Grade, CodeThatDoesNotCompileShowsTheCompilersWord) {
    const Graded graded("does-not-compile");
    EXPECT_EQ(graded.outcome.exit_code, 1);
    EXPECT_EQ(graded.report["verdict"], "build_error");
    const json &diagnostic = graded.report["build"]["diagnostics"][0];
    EXPECT_EQ(diagnostic["file"], "hello.c");
    EXPECT_EQ(diagnostic["line"], 6);
    EXPECT_THAT(diagnostic["message"], HasSubstr("undeclared_thing"));
}

TEST(Grade, KbuildOfAnotherModuleNamesBoth) {
    const Graded graded("another-module");
    EXPECT_EQ(graded.outcome.exit_code, 1);
    EXPECT_EQ(graded.report["verdict"], "build_error");
    EXPECT_EQ(graded.report["build"]["error"],
              "hello.ko was not built: the Kbuild builds other.ko");
}

TEST(Grade, PanicIsNamedAndCostsOnlyItsCheck) {
    const Graded graded("panics");
    EXPECT_EQ(graded.outcome.exit_code, 1);
    EXPECT_EQ(graded.check["status"], "crashed");
    EXPECT_EQ(graded.check["crash"]["kind"], "panic");
    EXPECT_THAT(graded.check["crash"]["summary"], HasSubstr("as you wish"));
}

TEST(Grade, CrashIsTracedToTheLineOfTheSource) {
    const Graded graded("panics");
    EXPECT_THAT(graded.check["crash"]["frames"].dump(), HasSubstr("\"file\":\"hello.c\""));
    EXPECT_THAT(graded.check["crash"]["frames"].dump(), HasSubstr("as you wish"));
}

TEST(Grade, RebootIsNoPass) {
    const Graded graded("reboots");
    EXPECT_EQ(graded.outcome.exit_code, 1);
    EXPECT_EQ(graded.check["status"], "crashed");
    EXPECT_EQ(graded.check["crash"]["kind"], "reset");
}

TEST(Grade, InitThatSleepsForEverSaysWhere) {
    const Graded graded("sleeps-forever");
    EXPECT_EQ(graded.outcome.exit_code, 1);
    EXPECT_EQ(graded.check["status"], "timeout");
    EXPECT_EQ(graded.check["actual"], "it did not return");
    EXPECT_THAT(graded.check["crash"]["frames"].dump(),
                HasSubstr("wait_for_completion_interruptible(&never)"));
    EXPECT_THAT(graded.check["crash"]["meaning"].get<std::string>(),
                HasSubstr("waits to be woken"));
}

TEST(Grade, InitThatSpinsIsInterrogatedFromOutside) {
    const Graded graded("never-returns");
    EXPECT_EQ(graded.outcome.exit_code, 1);
    EXPECT_THAT(graded.check["status"], AnyOf("timeout", "crashed"));
    // Where the machine is busy, the kernel's own watchdog may be the first to notice.
    EXPECT_THAT(graded.check["crash"]["summary"].get<std::string>(),
                AnyOf(HasSubstr("did not return"), HasSubstr("soft lockup")));
    EXPECT_THAT(graded.check["crash"]["frames"].dump(), HasSubstr("hello_init"));
}

TEST(Grade, InitThatWaitsForItsOwnLockSaysSoAndWhatLockdepSaid) {
    const Graded graded("takes-lock-twice");
    EXPECT_EQ(graded.outcome.exit_code, 1);
    EXPECT_EQ(graded.check["status"], "timeout");
    EXPECT_EQ(graded.check["actual"], "it did not return");
    const std::string meaning = graded.check["crash"]["meaning"];
    EXPECT_THAT(meaning, HasSubstr("mostly a lock"));
    EXPECT_THAT(meaning, HasSubstr("possible recursive locking"));
    EXPECT_THAT(meaning, HasSubstr("waits for itself"));
    EXPECT_THAT(graded.check["crash"]["frames"].dump(), HasSubstr("mutex_lock(&lock);"));
}

TEST(Grade, InitThatSpinsWithInterruptsOffIsFoundWhereItSpins) {
    const Graded graded("spins-dark");
    EXPECT_EQ(graded.outcome.exit_code, 1);
    EXPECT_EQ(graded.check["status"], "timeout");
    EXPECT_EQ(graded.check["actual"], "it did not return");
    EXPECT_THAT(graded.check["crash"]["meaning"].get<std::string>(),
                HasSubstr("interrupted from outside"));
    EXPECT_THAT(graded.check["crash"]["frames"].dump(), HasSubstr("hello_init"));
}

TEST(Grade, FloodedLogIsNoPassAndNoJudgeError) {
    const Graded graded("floods");
    EXPECT_EQ(graded.outcome.exit_code, 1);
    EXPECT_THAT(graded.check["status"], AnyOf("crashed", "timeout"));
}

// --- the submission attacks the grader: never a pass

TEST(Grade, ClosedChannelIsNoPass) {
    const Graded graded("closes-channel");
    EXPECT_EQ(graded.outcome.exit_code, 3);
    EXPECT_EQ(graded.check["status"], "judge_error");
    EXPECT_EQ(graded.check["score"], 0);
    EXPECT_THAT(graded.check["actual"].get<std::string>(),
                HasSubstr("the kernel's log no longer reached the host"));
}

TEST(Grade, ForgedRepliesAreNoPass) {
    const Graded graded("forges-replies");
    EXPECT_EQ(graded.outcome.exit_code, 3);
    EXPECT_EQ(graded.check["status"], "judge_error");
    EXPECT_EQ(graded.check["score"], 0);
    EXPECT_THAT(graded.check["actual"].get<std::string>(),
                HasSubstr("the guest broke the agent's protocol"));
}

// Lock checking is off from then on, so nothing that follows can be believed.
TEST(Grade, ProprietaryModuleIsRefusedByName) {
    const Graded graded("proprietary");
    EXPECT_EQ(graded.outcome.exit_code, 1);
    EXPECT_EQ(graded.check["status"], "crashed");
    EXPECT_EQ(graded.check["score"], 0);
    EXPECT_EQ(graded.check["crash"]["summary"], "Disabling lock debugging due to kernel taint");
}

// --- the machine is wrong: exit status 3, and a way out

TEST(Grade, MissingQemuSaysHowToInstallIt) {
    const Outcome outcome =
        klass({"grade", hostile("panics").string(), "--stage", "03-hello-module"},
              {{"PATH", "/nonexistent"}});
    EXPECT_EQ(outcome.exit_code, 3);
    EXPECT_THAT(outcome.output, HasSubstr("apt-get install qemu-system-x86"));
}

TEST(Grade, FullDiskIsOurFaultAndSaysSo) {
    if (geteuid() != 0)
        GTEST_SKIP() << "only root can mount the small file system that this test fills";
    const TemporaryFolder folder("test");
    const fs::path small = folder.path() / "small";
    fs::create_directory(small);
    ASSERT_EQ(mount("none", small.c_str(), "tmpfs", 0, "size=16k"), 0);
    const Outcome outcome = klass({"grade", KLASS_SOURCE_DIR "/solutions/03-hello-module"},
                                  {{"TMPDIR", small.string()}});
    umount(small.c_str());
    EXPECT_EQ(outcome.exit_code, 3);
    EXPECT_THAT(outcome.output, HasSubstr("space"));
}

TEST(Grade, HalfWrittenSnapshotIsMadeAnew) {
    const TemporaryFolder folder("test");
    const Paths paths = Paths::from_environment();
    // A cache that shares the kernels, and has a snapshot without its last file.
    for (const char *part : {"kernel", "source", "ccache"})
        fs::create_symlink(paths.cache / part, folder.path() / part);
    fs::copy(paths.cache / "snapshot", folder.path() / "snapshot", fs::copy_options::recursive);
    for (const auto &entry : fs::directory_iterator(folder.path() / "snapshot")) {
        fs::remove(entry.path() / "note");
        std::ofstream(entry.path() / "ram").write("half", 4);
    }
    const Outcome outcome =
        klass({"grade", KLASS_SOURCE_DIR "/solutions/03-hello-module", "--check", "default-who"},
              {{"KLASS_CACHE", folder.path().string()}});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
}

TEST(Grade, TwoAtOnceBothFinish) {
    Outcome first;
    std::thread other([&] {
        first = klass({"grade", KLASS_SOURCE_DIR "/solutions/03-hello-module"});
    });
    const Outcome second = klass({"grade", KLASS_SOURCE_DIR "/solutions/03-hello-module"});
    other.join();
    EXPECT_EQ(first.exit_code, 0) << first.output;
    EXPECT_EQ(second.exit_code, 0) << second.output;
}

/** The QEMUs that a grading started which leads a session of its own; others may run as well. */
std::string qemus_in_session(pid_t session) {
    return run({.argv = {find_program("pgrep"), "-s", std::to_string(session), "qemu"}}).output;
}

bool wait_until(const std::function<bool()> &condition) {
    for (int tries = 0; tries < 600; ++tries) {
        if (condition())
            return true;
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    return false;
}

/** Starts a grading in a session of its own. */
pid_t start_grading() {
    const pid_t pid = fork();
    if (pid == 0) {
        setsid();
        execl(program, program, "grade", KLASS_SOURCE_DIR "/solutions/04-chardev", "--quiet",
              nullptr);
        _exit(127);
    }
    return pid;
}

int end_by_signal(pid_t pid, int signal) {
    kill(pid, signal);
    int status = 0;
    waitpid(pid, &status, 0);
    return status;
}

/** Starts a grading and sends it a signal once QEMU runs. */
int status_after_signal(int signal, pid_t &pid) {
    pid = start_grading();
    EXPECT_TRUE(wait_until([&] { return !qemus_in_session(pid).empty(); }));
    return end_by_signal(pid, signal);
}

TEST(Grade, InterruptLeavesNoQemuBehind) {
    pid_t pid = -1;
    const int status = status_after_signal(SIGINT, pid);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 130);
    EXPECT_EQ(qemus_in_session(pid), "");
}

TEST(Grade, InterruptedAtAnyMomentItLeavesNothingBehind) {
    const auto seed = std::random_device{}();
    std::cout << "seed " << seed << '\n';
    std::minstd_rand random(seed);
    int interrupted = 0;
    for (int i = 0; i < 15; ++i) {
        const TemporaryFolder folder("test");
        setenv("TMPDIR", folder.path().c_str(), 1);
        const pid_t pid = start_grading();
        unsetenv("TMPDIR");
        const std::chrono::milliseconds moment{random() % 5000};
        std::this_thread::sleep_for(moment);
        const int status = end_by_signal(pid, SIGINT);
        // Before it began to listen, or when it was done already, there was nothing to interrupt.
        EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 130 || WEXITSTATUS(status) == 0)
            << status << " after " << moment.count() << " ms";
        interrupted += WIFEXITED(status) && WEXITSTATUS(status) == 130 ? 1 : 0;
        EXPECT_TRUE(fs::is_empty(folder.path())) << moment.count() << " ms";
        EXPECT_EQ(qemus_in_session(pid), "") << moment.count() << " ms";
        // A build's sandbox has the folder in its command line.
        EXPECT_EQ(run({.argv = {find_program("pgrep"), "-f", folder.path().string()}}).output, "")
            << moment.count() << " ms";
    }
    EXPECT_GE(interrupted, 5);
}

TEST(Grade, KillLeavesNoQemuBehind) {
    pid_t pid = -1;
    const int status = status_after_signal(SIGKILL, pid);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_TRUE(wait_until([&] { return qemus_in_session(pid).empty(); })) << qemus_in_session(pid);
}

}  // namespace
}  // namespace klass
