// SPDX-License-Identifier: Apache-2.0
#include "intake/hand_in.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "intake/archive_maker.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::intake {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/** "ada: int a;", "bob: FINDING the reason": what was found, sorted. */
class HandIns : public testing::Test {
  protected:
    std::vector<std::string> found(const fs::path &input) {
        std::vector<std::string> lines;
        for_each_hand_in(
            input, {.roster = roster_ ? &*roster_ : nullptr, .marks = {"hello.c"}},
            [&](const HandIn &hand_in) {
                hand_ins_.push_back(hand_in);
                const fs::path file = hand_in.folder / "hello.c";
                lines.push_back(hand_in.student + ": " +
                                (!hand_in.finding.empty() ? "FINDING " + hand_in.finding
                                 : fs::exists(file)       ? read_file(file)
                                                          : "no hello.c"));
            });
        std::sort(lines.begin(), lines.end());
        return lines;
    }
    fs::path put(const std::string &path, const std::string &contents) {
        fs::create_directories((folder_.path() / path).parent_path());
        write_file_atomically(folder_.path() / path, contents);
        return folder_.path() / path;
    }
    fs::path archive(const std::string &path, const std::vector<Member> &members) {
        fs::create_directories((folder_.path() / path).parent_path());
        make_archive(folder_.path() / path, members);
        return folder_.path() / path;
    }
    [[nodiscard]] fs::path at(const std::string &path) const { return folder_.path() / path; }

    TemporaryFolder folder_{"hand-in-test"};
    std::optional<Roster> roster_;
    std::vector<HandIn> hand_ins_;
};

TEST_F(HandIns, OfAStudentsOwnFolder) {
    put("ada/hello.c", "a");
    EXPECT_THAT(found(at("ada")), ElementsAre("ada: a"));
    EXPECT_THAT(found(at("ada/")), ElementsAre("ada: a"));
}

TEST_F(HandIns, OfAClassesFolder) {
    put("class/ada/hello.c", "a");
    put("class/bob/week 3/hello/hello.c", "b");
    archive("class/eve.tar.gz", {{"hello/hello.c", "e"}});
    put("class/notes.csv", "not a submission");
    put("class/.git/config", "nor this");
    EXPECT_THAT(found(at("class")), ElementsAre("ada: a", "bob: b", "eve: e"));
    EXPECT_EQ(hand_ins_[0].origin, at("class/ada").string());
    EXPECT_EQ(hand_ins_[2].origin, at("class/eve.tar.gz: hello").string());
}

TEST_F(HandIns, OfAStudentsArchive) {
    EXPECT_THAT(found(archive("ada.zip", {{"hello.c", "a"}})), ElementsAre("ada: a"));
    EXPECT_THAT(found(archive("bob.tar", {{"x/y/hello.c", "b"}})), ElementsAre("bob: b"));
}

TEST_F(HandIns, OfAStudentsArchiveWithFoldersBeside) {
    EXPECT_THAT(found(archive("ada.zip", {{"doc/notes.txt", "n"}, {"src/hello.c", "a"}})),
                ElementsAre("ada: a"));
    EXPECT_THAT(found(archive("bob.zip", {{"README", "n"}, {"src/hello.c", "b"}, {"x/y", "z"}})),
                ElementsAre("bob: b"));
}

TEST_F(HandIns, OfAClassesArchive) {
    EXPECT_THAT(found(archive("class.zip", {{"ada/hello.c", "a"}, {"bob/h/hello.c", "b"}})),
                ElementsAre("ada: a", "bob: b"));
    EXPECT_THAT(
        found(archive("all.tar.gz", {{"class/ada/hello.c", "a"}, {"class/bob/hello.c", "b"}})),
        ElementsAre("ada: a", "bob: b"));
    EXPECT_EQ(hand_ins_.back().origin, at("all.tar.gz: class/bob").string());
}

TEST_F(HandIns, OfAClassOfOne) {
    roster_ = Roster::parse("id,name\nada,Ada\n", "roster");
    EXPECT_THAT(found(archive("class.zip", {{"ada/hello.c", "a"}})), ElementsAre("ada: a"));
    EXPECT_TRUE(hand_ins_.back().on_roster);
    EXPECT_THAT(found(archive("c.zip", {{"ada/hello.c", "a"}, {"bob/wrong.c", "b"}})),
                ElementsAre("ada: a", "bob: no hello.c"));
}

TEST_F(HandIns, SeveralOfOneStudent) {
    archive("class/ada/first.zip", {{"hello.c", "1"}});
    archive("class/ada/second.zip", {{"hello.c", "2"}});
    put("class/bob/hello.c", "b");
    EXPECT_THAT(found(at("class")), ElementsAre("ada: 1", "ada: 2", "bob: b"));
}

TEST_F(HandIns, AHostileArchiveIsThatStudentsFinding) {
    put("class/ada/hello.c", "a");
    archive("class/bob.tar", {{"hello.c", "b"}, {"link", "/etc/passwd", Member::symlink}});
    archive("class/eve.tar", {{"../../hello.c", "e"}});
    put("class/sue.zip", "no archive");
    const auto lines = found(at("class"));
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0], "ada: a");
    EXPECT_THAT(lines[1], HasSubstr("bob: FINDING link: it is a symbolic link"));
    EXPECT_THAT(lines[2], HasSubstr("eve: FINDING ../../hello.c: its path leads out"));
    EXPECT_THAT(lines[3], HasSubstr("sue: FINDING it is no archive"));
}

TEST_F(HandIns, InAClassesArchiveToo) {
    const auto lines = found(archive("class.tar", {{"ada/hello.c", "a"},
                                                   {"bob/hello.c", "b"},
                                                   {"bob/link", "/etc/passwd", Member::symlink},
                                                   {"eve/link", "/etc/passwd", Member::symlink}}));
    EXPECT_THAT(lines, ElementsAre("ada: a", "bob: FINDING bob/link: it is a symbolic link",
                                   "eve: FINDING eve/link: it is a symbolic link"));
}

TEST_F(HandIns, AreMatchedWithTheRoster) {
    roster_ = Roster::parse("id,name,canvas\nada,Ada,4711\n", "roster");
    archive("class/lovelaceada_4711_17_hello.zip", {{"hello.c", "a"}});
    put("class/stranger/hello.c", "s");
    EXPECT_THAT(found(at("class")), ElementsAre("ada: a", "stranger: s"));
    EXPECT_TRUE(hand_ins_[0].on_roster);
    EXPECT_FALSE(hand_ins_[1].on_roster);
}

TEST_F(HandIns, WithoutTheFilesThatAreAskedForAreHandInsAllTheSame) {
    put("class/ada/other.c", "a");
    fs::create_directories(at("class/bob"));
    EXPECT_THAT(found(at("class")), ElementsAre("ada: no hello.c", "bob: no hello.c"));
}

TEST_F(HandIns, ArchivesInArchivesEndSomewhere) {
    archive("0.zip", {{"hello.c", "deep"}});
    for (int level = 1; level < 12; ++level) {
        archive(std::to_string(level) + ".zip",
                {{std::to_string(level - 1) + ".zip",
                  read_file(at(std::to_string(level - 1) + ".zip"))}});
    }
    EXPECT_THAT(found(at("2.zip")), ElementsAre("2: deep"));
    EXPECT_THAT(found(at("11.zip")), ElementsAre("11: FINDING it is nested too deeply"));
}

TEST_F(HandIns, NoFolderAndNoArchive) {
    EXPECT_THROW(found(at("missing")), UsageError);
    EXPECT_THROW(found(put("hello.c", "x")), UsageError);
    fs::create_directories(at("empty"));
    EXPECT_THROW(found(at("empty")), UsageError);
}

TEST_F(HandIns, TheTimeIsThatOfTheNewestFileOrOfTheArchive) {
    put("class/ada/hello.c", "a");
    archive("class/bob.tar", {{"hello.c", "b"}});
    const auto then = fs::file_time_type::clock::now() - std::chrono::hours{48};
    fs::last_write_time(at("class/ada/hello.c"), then);
    fs::last_write_time(at("class/bob.tar"), then + std::chrono::hours{1});
    found(at("class"));
    EXPECT_EQ(hand_ins_[1].time - hand_ins_[0].time, std::chrono::seconds{3600});
}

}  // namespace
}  // namespace klass::intake
