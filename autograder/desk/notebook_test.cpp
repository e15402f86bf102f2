// SPDX-License-Identifier: Apache-2.0
#include "desk/notebook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::desk {
namespace {

namespace fs = std::filesystem;
using judge::Outcome;
using judge::Status;
using testing::IsEmpty;

const Time noon(std::chrono::seconds(1'790'000'000));

judge::Verdict verdict_of(std::vector<std::pair<std::string, Status>> checks) {
    judge::Verdict verdict;
    verdict.stage = "04-chardev";
    verdict.submission = {"/tmp/chardev/", "5ab1e"};
    verdict.seed = 7;
    verdict.build.ok = true;
    for (const auto &[id, status] : checks)
        verdict.checks.push_back({.id = id,
                                  .status = status,
                                  .score = status == Status::passed ? 10.0 : 0.0,
                                  .max_score = 10});
    judge::tally(verdict);
    return verdict;
}

TEST(NoteVerdict, KeepsTheBestWholeGrading) {
    StageNotes notes;
    note_verdict(notes, verdict_of({{"a", Status::passed}, {"b", Status::failed}}), true, noon);
    note_verdict(notes, verdict_of({{"a", Status::failed}, {"b", Status::failed}}), true,
                 noon + std::chrono::hours{1});
    ASSERT_TRUE(notes.best);
    EXPECT_EQ(notes.best->score, 10);
    EXPECT_EQ(notes.best->max_score, 20);
    EXPECT_EQ(notes.best->at, noon);
    EXPECT_EQ(notes.best->seed, 7U);
    EXPECT_EQ(notes.last->outcome, Outcome::failed);
    EXPECT_EQ(notes.last->at, noon + std::chrono::hours{1});
    EXPECT_EQ(notes.gradings, 2U);
    EXPECT_EQ(notes.folder, "/tmp/chardev");
}

TEST(NoteVerdict, ComparesByShareWhenTheStagesPointsHaveChanged) {
    StageNotes notes;
    notes.best = Best{.score = 30, .max_score = 60};
    note_verdict(notes, verdict_of({{"a", Status::passed}}), true, noon);
    EXPECT_EQ(notes.best->score, 10);
}

TEST(NoteVerdict, OfSomeChecksIsNoBestButTellsOfThem) {
    StageNotes notes;
    note_verdict(notes, verdict_of({{"a", Status::failed}, {"b", Status::failed}}), true, noon);
    note_verdict(notes, verdict_of({{"b", Status::passed}}), false, noon);
    EXPECT_EQ(notes.best->score, 0);
    EXPECT_FALSE(notes.last->whole);
    EXPECT_EQ(notes.checks["a"], Status::failed);
    EXPECT_EQ(notes.checks["b"], Status::passed);
}

TEST(NoteVerdict, AFailureOfOursChangesNothing) {
    StageNotes notes;
    note_verdict(notes, verdict_of({{"a", Status::passed}, {"b", Status::judge_error}}), true,
                 noon);
    EXPECT_FALSE(notes.best);
    EXPECT_FALSE(notes.last);
    EXPECT_THAT(notes.checks, IsEmpty());
}

TEST(NoteVerdict, OfABuildThatFailedKeepsTheCompilersWordAndWhatWasKnown) {
    StageNotes notes;
    note_verdict(notes, verdict_of({{"a", Status::failed}}), true, noon);
    judge::Verdict verdict = verdict_of({{"a", Status::skipped}});
    verdict.build = {.ok = false, .error = "the build failed"};
    verdict.build.diagnostics = {
        {.severity = "warning", .file = "chardev.c", .line = 3, .message = "unused"},
        {.severity = "error", .file = "chardev.c", .line = 57, .message = "no such thing"}};
    judge::tally(verdict);
    note_verdict(notes, verdict, true, noon);
    EXPECT_EQ(notes.last->build_error, "chardev.c:57: error: no such thing");
    EXPECT_EQ(notes.checks["a"], Status::failed);
    note_verdict(notes, verdict_of({{"a", Status::passed}}), true, noon);
    EXPECT_EQ(notes.last->build_error, "");
}

TEST(OwnWork, IsNotWhatTheCourseBrings) {
    EXPECT_FALSE(is_own_work("/course", "/course/solutions/04-chardev"));
    EXPECT_FALSE(is_own_work("/course", "/course/exercises/04-chardev/"));
    EXPECT_FALSE(is_own_work("/course", "/course/x/../solutions/04-chardev"));
    EXPECT_TRUE(is_own_work("/course", "/course/04-chardev"));
    EXPECT_TRUE(is_own_work("/course", "/home/ada/solutions/04-chardev"));
}

class NotebookTest : public testing::Test {
  protected:
    TemporaryFolder folder_{"notebook-test"};
    Notebook notebook_{folder_.path() / "state"};
    [[nodiscard]] fs::path file() const { return folder_.path() / "state" / "progress.json"; }
};

TEST_F(NotebookTest, IsEmptyAtFirst) {
    EXPECT_THAT(notebook_.stages(), IsEmpty());
    EXPECT_FALSE(notebook_.of("04-chardev").best);
}

TEST_F(NotebookTest, RemembersAll) {
    notebook_.change("04-chardev", [](StageNotes &notes) {
        note_verdict(notes, verdict_of({{"a", Status::passed}, {"b", Status::timeout}}), true,
                     noon);
        notes.hints["b"] = 2;
    });
    notebook_.change("03-hello", [](StageNotes &notes) { notes.folder = "/h"; });
    const StageNotes notes = Notebook(folder_.path() / "state").of("04-chardev");
    EXPECT_EQ(notes.folder, "/tmp/chardev");
    EXPECT_EQ(notes.gradings, 1U);
    EXPECT_EQ(notes.best->at, noon);
    EXPECT_EQ(notes.best->submission, "5ab1e");
    EXPECT_EQ(notes.last->outcome, Outcome::partial);
    EXPECT_EQ(notes.last->score, 10);
    EXPECT_TRUE(notes.last->whole);
    EXPECT_EQ(notes.checks.at("b"), Status::timeout);
    EXPECT_EQ(notes.hints.at("b"), 2U);
    EXPECT_EQ(notebook_.of("03-hello").folder, "/h");
}

TEST_F(NotebookTest, LeavesAFileAloneThatIsNotItsOwn) {
    fs::create_directories(file().parent_path());
    for (const char *contents :
         {"{\"schema\": \"klass-progress/9\", \"stages\": {}}", "{\"schema\"", "[]", "",
          "{\"schema\": \"klass-progress/1\", \"stages\": {\"x\": {\"best\": 3}}}"}) {
        std::ofstream(file()) << contents;
        EXPECT_THROW(notebook_.stages(), UsageError) << contents;
        EXPECT_THROW(notebook_.change("x", [](StageNotes &) {}), UsageError) << contents;
        EXPECT_EQ(read_file(file()), contents);
    }
}

TEST_F(NotebookTest, WithoutAPlaceItRemembersNothingAndWorks) {
    const Notebook nowhere{fs::path()};
    EXPECT_EQ(nowhere.change("x", [](StageNotes &notes) { notes.gradings = 3; }).gradings, 3U);
    EXPECT_EQ(nowhere.of("x").gradings, 0U);
}

TEST_F(NotebookTest, LosesNothingWhenManyWriteAtOnce) {
    constexpr unsigned each = 20;
    std::vector<std::thread> writers;
    for (unsigned writer = 0; writer < 4; ++writer)
        writers.emplace_back([&] {
            for (unsigned i = 0; i < each; ++i)
                notebook_.change("x", [](StageNotes &notes) { ++notes.gradings; });
        });
    for (std::thread &writer : writers)
        writer.join();
    EXPECT_EQ(notebook_.of("x").gradings, 4 * each);
}

// A process that only writes is killed at many moments: what it wrote before stands each time.
TEST_F(NotebookTest, LosesNothingWhenItIsKilled) {
    std::uint64_t before = 0;
    for (int round = 0; round < 25; ++round) {
        const pid_t writer = fork();
        ASSERT_GE(writer, 0);
        if (writer == 0)
            for (;;)
                notebook_.change("x", [](StageNotes &notes) { ++notes.gradings; });
        std::this_thread::sleep_for(std::chrono::microseconds{3000 + 777 * round});
        kill(writer, SIGKILL);
        waitpid(writer, nullptr, 0);
        const std::uint64_t now = notebook_.of("x").gradings;
        EXPECT_GE(now, before);
        before = now;
    }
    EXPECT_GT(before, 0U);
}

}  // namespace
}  // namespace klass::desk
