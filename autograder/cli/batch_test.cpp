// SPDX-License-Identifier: Apache-2.0
// The instructor's desk as an instructor uses it: the real program, real guests, real kills.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "cli/run_klass.h"
#include "gradebook/audit.h"
#include "gradebook/database.h"
#include "intake/archive_maker.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const fs::path course = KLASS_SOURCE_DIR;
constexpr const char *stage = "03-hello-module";

/** A class's folder, and a gradebook for it. */
class Desk : public testing::Test {
  protected:
    [[nodiscard]] fs::path at(const std::string &path) const { return folder_.path() / path; }
    [[nodiscard]] std::string gradebook() const { return at("gradebook.sqlite"); }

    /** Copies of the reference; @p source takes the place of hello.c where there is one. */
    void hand_in(const std::string &student, const std::string &source = {}) {
        const fs::path place = at("class/" + student);
        fs::create_directories(place);
        for (const char *file : {"hello.c", "Kbuild", "Makefile"})
            fs::copy(course / "solutions" / stage / file, place,
                     fs::copy_options::overwrite_existing);
        if (!source.empty())
            std::ofstream(place / "hello.c") << source;
    }
    static std::string reference() { return read_file(course / "solutions" / stage / "hello.c"); }

    [[nodiscard]] std::vector<std::string> batch_words(std::vector<std::string> more = {}) const {
        std::vector<std::string> words{"batch",   at("class"),  "--stage",     stage,
                                       "--check", "says-hello", "--gradebook", gradebook()};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }
    Outcome batch(const std::vector<std::string> &more = {},
                  const std::map<std::string, std::string> &environment = {}) {
        return klass(batch_words(more), environment);
    }
    Outcome on_gradebook(std::vector<std::string> words,
                         const std::map<std::string, std::string> &environment = {}) {
        words.insert(words.end(), {"--gradebook", gradebook()});
        return klass(words, environment);
    }
    json entries() {
        const fs::path file = at("entries.json");
        const Outcome outcome =
            on_gradebook({"gradebook", "--format", "json", "--output", file.string()});
        EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
        return json::parse(read_file(file))["entries"];
    }
    json entry_of(const std::string &student) {
        for (const json &entry : entries())
            if (entry["student"] == student)
                return entry;
        return {};
    }
    std::int64_t count(const std::string &sql) {
        gradebook::Database database(gradebook(), gradebook::Database::Access::read);
        return database.read([&](SQLite::Database &db) { return db.execAndGet(sql).getInt64(); });
    }

    /** The reports that are neither an acceptance nor of a build that #error ends. */
    std::string surprises() {
        gradebook::Database database(gradebook(), gradebook::Database::Access::read);
        return database.read([&](SQLite::Database &db) {
            std::string reports;
            SQLite::Statement query(db,
                                    "SELECT report FROM result WHERE outcome <> 'accepted' AND "
                                    "report NOT LIKE '%#error%'");
            while (query.executeStep())
                reports += query.getColumn(0).getString() + "\n";
            return reports;
        });
    }

    TemporaryFolder folder_{"desk-test"};

    /** How many gradings are recorded; a gradebook that is only being made holds none. */
    std::int64_t results_so_far() {
        try {
            return count("SELECT COUNT(*) FROM result");
        } catch (const UsageError &) {
            return 0;
        }
    }
};

TEST_F(Desk, GradesAClassShowsItAndExportsIt) {
    hand_in("ada");
    hand_in("bob");
    hand_in("eve", "#error not done yet\n");
    hand_in("sue",
            "/* never says a word */\n#include <linux/module.h>\n"
            "MODULE_LICENSE(\"GPL\");\nMODULE_DESCRIPTION(\"silent\");\n");
    intake::make_archive(at("class/tom.tar.gz"),
                         {{"hello.c", "/etc/passwd", intake::Member::symlink}});
    std::ofstream(at("roster.csv")) << "id,name,canvas\nada,\"Lovelace, Ada\",1\nbob,=1+1,2\n"
                                       "eve,Eve,3\ntom,Tom,5\nzoe,Zoe,6\n";
    const Outcome outcome =
        batch({"--roster", at("roster.csv"), "--report-dir", at("reports"), "--seed", "7"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr("sue is not on the roster"));
    EXPECT_THAT(outcome.output, HasSubstr("tom: cannot be graded: hello.c: it is a symbolic link"));
    EXPECT_THAT(outcome.output, HasSubstr("3 different submissions were graded"));

    EXPECT_EQ(entry_of("ada")["status"], "accepted");
    EXPECT_EQ(entry_of("ada")["submission"], entry_of("bob")["submission"]);
    EXPECT_EQ(entry_of("eve")["status"], "build_error");
    EXPECT_EQ(entry_of("sue")["status"], "failed");
    EXPECT_EQ(entry_of("tom")["status"], "unreadable");
    EXPECT_EQ(entry_of("zoe")["status"], "nothing");
    EXPECT_EQ(entry_of("ada")["seed"], 7);

    // A student's report says nothing of the others, nor of where we keep things.
    const std::string report = read_file(at("reports/bob.json"));
    EXPECT_THAT(report, Not(HasSubstr("ada")));
    EXPECT_THAT(report, Not(HasSubstr(folder_.path().string())));
    EXPECT_THAT(read_file(at("reports/tom.txt")), HasSubstr("symbolic link"));

    const Outcome canvas = on_gradebook({"gradebook", "--format", "canvas"});
    EXPECT_THAT(canvas.output, HasSubstr("\"Lovelace, Ada\",1,ada,,,20\n'=1+1,2,bob,,,20\n"));
    EXPECT_THAT(canvas.output, HasSubstr("Tom,5,tom,,,\n"));
    const Outcome failed = on_gradebook({"gradebook", "--failed", "says-hello"});
    EXPECT_THAT(failed.output, HasSubstr("sue"));
    EXPECT_THAT(failed.output, Not(HasSubstr("ada")));
    EXPECT_THAT(on_gradebook({"gradebook", "stats"}).output, HasSubstr("1  3    says-hello"));
    EXPECT_EQ(on_gradebook({"gradebook", "verify"}).exit_code, 0);

    // Done a second time, nothing is graded.
    EXPECT_THAT(batch().output, HasSubstr("0 different submissions were graded"));
}

TEST_F(Desk, ARegradeShowsWhoMovesAndIsAppliedOrDropped) {
    hand_in("ada");
    hand_in("eve", "#error not done yet\n");
    ASSERT_EQ(batch().exit_code, 0);
    // The course as somebody changed it: one check is worth less, another more.
    fs::create_directory(at("course"));
    for (const char *part : {"exercises", "solutions", "kmod"})
        fs::copy(course / part, at("course") / part, fs::copy_options::recursive);
    const fs::path manifest = at("course/exercises") / stage / "stage.toml";
    std::string text = read_file(manifest);
    text.replace(text.find("points = 20"), 11, "points = 15");
    write_file_atomically(manifest, text);
    const std::map<std::string, std::string> changed{{"KLASS_COURSE", at("course").string()}};

    const Outcome first = on_gradebook({"regrade"}, changed);
    EXPECT_EQ(first.exit_code, 0) << first.output;
    EXPECT_THAT(first.output, HasSubstr("ada (ada): 20 (accepted) -> 15 (accepted)"));
    EXPECT_THAT(first.output, HasSubstr("-5 says-hello"));
    EXPECT_THAT(first.output, HasSubstr("1 would move, 1 stay as they are, 0 could not be judged"));
    EXPECT_EQ(entry_of("ada")["score"], 20);
    EXPECT_EQ(on_gradebook({"regrade", "--drop", "1"}).exit_code, 0);
    EXPECT_EQ(on_gradebook({"regrade", "--apply", "1"}).exit_code, 2);

    EXPECT_EQ(on_gradebook({"regrade", "--student", "ada"}, changed).exit_code, 0);
    EXPECT_THAT(on_gradebook({"regrade", "--apply", "2"}).output, HasSubstr("for 1 hand-ins"));
    EXPECT_EQ(entry_of("ada")["score"], 15);
    const Outcome verified = on_gradebook({"gradebook", "verify", "--audit"});
    EXPECT_EQ(verified.exit_code, 0) << verified.output;
    EXPECT_THAT(verified.output, HasSubstr("regrade dropped"));
    EXPECT_THAT(verified.output, HasSubstr("regrade applied"));
}

TEST_F(Desk, AFullDiskLosesNothing) {
    if (geteuid() != 0)
        GTEST_SKIP() << "only root can mount the small file system that this test fills";
    for (int i = 0; i < 6; ++i)
        hand_in("s" + std::to_string(i), reference() + "/* " + std::to_string(i) + " */\n");
    fs::create_directory(at("small"));
    ASSERT_EQ(mount("none", at("small").c_str(), "tmpfs", 0, "size=256k"), 0);
    const std::vector<std::string> there{"--gradebook", at("small/g.sqlite")};
    std::vector<std::string> words = batch_words();
    words.resize(6);
    words.insert(words.end(), there.begin(), there.end());
    const Outcome full = klass(words);
    EXPECT_EQ(full.exit_code, 3) << full.output;
    EXPECT_THAT(full.output, HasSubstr("space"));
    EXPECT_THAT(full.output, HasSubstr("Way out"));
    ASSERT_EQ(mount("none", at("small").c_str(), "tmpfs", MS_REMOUNT, "size=64m"), 0);
    const Outcome more = klass(words);
    EXPECT_EQ(more.exit_code, 0) << more.output;
    const Outcome verified = klass({"gradebook", "verify", there[0], there[1]});
    umount(at("small").c_str());
    EXPECT_THAT(more.output, HasSubstr("6 judged"));
    EXPECT_EQ(verified.exit_code, 0) << verified.output;
}

TEST_F(Desk, AReadOnlyGradebookIsReadAndNotWritten) {
    if (geteuid() != 0)
        GTEST_SKIP() << "only root can mount a file system";
    hand_in("ada");
    fs::create_directory(at("disk"));
    fs::create_directory(at("keep"));
    std::vector<std::string> words = batch_words();
    words.back() = at("keep/g.sqlite");
    ASSERT_EQ(klass(words).exit_code, 0);
    ASSERT_EQ(mount(at("keep").c_str(), at("disk").c_str(), nullptr, MS_BIND, nullptr), 0);
    ASSERT_EQ(
        mount(nullptr, at("disk").c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr), 0);
    words.back() = at("disk/g.sqlite");
    const Outcome written = klass(words);
    const Outcome shown = klass({"gradebook", "--gradebook", words.back()});
    umount(at("disk").c_str());
    EXPECT_EQ(written.exit_code, 2) << written.output;
    EXPECT_THAT(written.output, HasSubstr("cannot be"));
    EXPECT_EQ(shown.exit_code, 0) << shown.output;
    EXPECT_THAT(shown.output, HasSubstr("accepted"));
}

TEST_F(Desk, ABrokenRosterIsSaidByLine) {
    hand_in("ada");
    std::ofstream(at("roster.csv")) << "id,name\nada,Ada\nada,Ada\n";
    const Outcome outcome = batch({"--roster", at("roster.csv")});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.output, HasSubstr("roster.csv:3: the id ada stands in line 2 already"));
}

TEST_F(Desk, SimilarityIsALead) {
    hand_in("ada");
    hand_in("bob", reference() + "/* mine */\n");
    hand_in("eve", "int other;\n");
    const Outcome outcome = klass({"similar", at("class"), "--stage", stage});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr("ada and bob: 100 % of ada's is in bob's"));
    EXPECT_THAT(outcome.output, HasSubstr("A lead, and no finding"));
    EXPECT_THAT(outcome.output, Not(HasSubstr("eve and")));
}

// --- stopped and killed

/** The program, to be stopped at some point. */
class Running {
  public:
    explicit Running(std::vector<std::string> words) : pid_(fork()) {
        if (pid_ != 0)
            return;
        words.insert(words.begin(), program);
        std::vector<char *> argv;
        for (std::string &word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        const int nowhere = open("/dev/null", O_RDWR);
        for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            dup2(nowhere, fd);
        execv(program, argv.data());
        _exit(127);
    }
    /** How it ended. */
    int stop(int signal) {
        kill(pid_, signal);
        int status = 0;
        waitpid(pid_, &status, 0);
        return status;
    }

  private:
    pid_t pid_;
};

TEST_F(Desk, CtrlCIsHeardAndTheSameCommandGoesOn) {
    for (int i = 0; i < 4; ++i)
        hand_in("s" + std::to_string(i), reference() + "/* " + std::to_string(i) + " */\n");
    Running running(batch_words());
    for (int i = 0; i < 600 && !fs::exists(gradebook()); ++i)
        std::this_thread::sleep_for(50ms);
    std::this_thread::sleep_for(700ms);
    const int status = running.stop(SIGINT);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 130);
    EXPECT_EQ(count("SELECT COUNT(*) FROM job WHERE state = 'leased'"), 0);
    EXPECT_EQ(count("SELECT COUNT(*) FROM job WHERE losses + failures > 0"), 0);
    EXPECT_EQ(batch().exit_code, 0);
    EXPECT_EQ(count("SELECT COUNT(*) FROM result WHERE outcome = 'accepted'"), 4);
}

TEST_F(Desk, KilledAtAHundredRandomPointsABatchOf200GradesEachOnce) {
    // 200 hand-ins: 50 different ones that build and are run in guests, 40 different ones that do
    // not build, an unreadable archive, and the rest the same files again.
    constexpr int students = 200;
    constexpr int run = 50;
    constexpr int different = 90;
    constexpr int kills = 100;
    for (int i = 0; i < students - 1; ++i) {
        const int kind = i % different;
        const std::string note = "/* " + std::to_string(kind) + " */\n";
        hand_in("s" + std::to_string(1000 + i),
                kind < run ? reference() + note : "#error " + std::to_string(kind) + "\n");
    }
    write_file_atomically(at("class/tom.zip"), "no archive");

    const auto seed = std::random_device{}();
    std::cout << "seed " << seed << '\n';
    std::minstd_rand random(seed);
    int killed = 0;
    int tries = 0;
    // On a fast machine and on a slow one, half of the work is left when the kills end: near the
    // end they would hit the same few again and again, which the batch would come to suspect.
    unsigned longest = 400;
    for (; killed < kills && tries < 2 * kills; ++tries) {
        const bool ahead = results_so_far() * 2 * kills > different * killed;
        longest = ahead ? std::max(longest * 3 / 4, 20U) : std::min(longest * 4 / 3, 4000U);
        Running running(batch_words({"--quiet", "--jobs", "2"}));
        std::this_thread::sleep_for(std::chrono::milliseconds{random() % longest});
        killed += WIFSIGNALED(running.stop(SIGKILL)) ? 1 : 0;
    }
    std::cout << killed << " of " << tries << " were killed before they were done, with "
              << results_so_far() << " of " << different << " graded\n";
    EXPECT_EQ(killed, kills);
    const Outcome last = batch({"--quiet"});
    EXPECT_EQ(last.exit_code, 0) << last.output;

    EXPECT_EQ(count("SELECT COUNT(*) FROM hand_in"), students);
    EXPECT_EQ(count("SELECT COUNT(DISTINCT student) FROM hand_in"), students);
    EXPECT_EQ(count("SELECT COUNT(*) FROM hand_in WHERE result IS NULL"), 1);
    EXPECT_EQ(count("SELECT COUNT(*) FROM hand_in WHERE finding <> ''"), 1);
    EXPECT_EQ(count("SELECT COUNT(*) FROM result"), different);
    EXPECT_EQ(count("SELECT COUNT(DISTINCT submission) FROM result"), different);
    EXPECT_EQ(count("SELECT COUNT(*) FROM result WHERE outcome = 'accepted'"), run) << surprises();
    EXPECT_EQ(count("SELECT COUNT(*) FROM result WHERE outcome = 'build_error'"), different - run)
        << surprises();
    EXPECT_EQ(count("SELECT COUNT(*) FROM job"), different);
    gradebook::Database database(gradebook(), gradebook::Database::Access::read);
    const auto found = gradebook::verify(database);
    EXPECT_THAT(found.objections, IsEmpty());
    EXPECT_EQ(found.records, static_cast<std::size_t>(different));
}

}  // namespace
}  // namespace klass
