// SPDX-License-Identifier: Apache-2.0
#include "intake/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>

#include "intake/archive_maker.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::intake {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Unpack : public testing::Test {
  protected:
    std::vector<Refused> unpack(const std::vector<Member> &members,
                                const ArchiveLimits &limits = student_archive,
                                const char *ending = "tar.gz") {
        const fs::path archive = folder_.path() / (std::string("a.") + ending);
        make_archive(archive, members);
        fs::create_directory(out());
        return intake::unpack(archive, out(), limits);
    }
    [[nodiscard]] fs::path out() const { return folder_.path() / "out"; }
    [[nodiscard]] std::size_t files_outside() const {
        std::size_t count = 0;
        for (const auto &entry : fs::directory_iterator(folder_.path()))
            count += entry.path() != out() && entry.path().filename().string()[0] != 'a' ? 1 : 0;
        return count;
    }

    TemporaryFolder folder_{"archive-test"};
};

TEST_F(Unpack, TakesFilesAndFoldersOfEachKind) {
    for (const char *ending : {"tar", "tar.gz", "tar.xz", "tar.bz2", "tar.zst", "zip"}) {
        EXPECT_THAT(unpack({{"chardev/chardev.c", "int x;"}, {"chardev/Kbuild", "obj-m"}},
                           student_archive, ending),
                    IsEmpty())
            << ending;
        EXPECT_EQ(read_file(out() / "chardev/chardev.c"), "int x;") << ending;
        fs::remove_all(out());
    }
}

TEST_F(Unpack, RefusesWhatLeadsOut) {
    const auto refused = unpack(
        {{"../evil.c", "x"}, {"/etc/klass-evil", "x"}, {"a/../../evil2.c", "x"}, {"good.c", "y"}});
    ASSERT_THAT(refused, SizeIs(3));
    EXPECT_THAT(refused[0].reason, HasSubstr(".."));
    EXPECT_THAT(refused[1].reason, HasSubstr("absolute"));
    EXPECT_THAT(refused[2].reason, HasSubstr(".."));
    EXPECT_EQ(read_file(out() / "good.c"), "y");
    EXPECT_FALSE(fs::exists("/etc/klass-evil"));
    EXPECT_EQ(files_outside(), 0U);
}

TEST_F(Unpack, RefusesLinksAndDevices) {
    const auto refused = unpack({{"link", "/etc/passwd", Member::symlink},
                                 {"link/passwd", "x"},
                                 {"hard", "good.c", Member::hardlink},
                                 {"pipe", "", Member::fifo},
                                 {"good.c", "y"}});
    EXPECT_THAT(refused, ElementsAre(Field(&Refused::path, "link"), Field(&Refused::path, "hard"),
                                     Field(&Refused::path, "pipe")));
    EXPECT_FALSE(fs::is_symlink(out() / "link"));
    EXPECT_EQ(read_file(out() / "good.c"), "y");
}

TEST_F(Unpack, ASymbolicLinkIsNoWayThrough) {
    // Were the link made, the file after it would land where it points.
    const auto refused =
        unpack({{"d", folder_.path().string(), Member::symlink}, {"d/evil.c", "x"}});
    ASSERT_FALSE(refused.empty());
    EXPECT_FALSE(fs::exists(folder_.path() / "evil.c"));
}

TEST_F(Unpack, PassesOverWhatIsNeverGraded) {
    EXPECT_THAT(unpack({{"__MACOSX/._a.c", "x"}, {".git/config", "x"}, {"a.c", "y"}}), IsEmpty());
    EXPECT_FALSE(fs::exists(out() / "__MACOSX"));
    EXPECT_FALSE(fs::exists(out() / ".git"));
    EXPECT_TRUE(fs::exists(out() / "a.c"));
}

TEST_F(Unpack, StopsAtItsLimits) {
    const std::string big(3 << 20, '\0');
    auto refused = unpack({{"a", big}, {"b", big}}, {.entries = 10, .bytes = 4 << 20, .depth = 4});
    ASSERT_THAT(refused, SizeIs(1));
    EXPECT_TRUE(refused[0].path.empty());
    EXPECT_THAT(refused[0].reason, HasSubstr("more than 4 MiB"));
    fs::remove_all(out());

    refused = unpack({{"a", ""}, {"b", ""}, {"c", ""}}, {.entries = 2, .bytes = 9, .depth = 4});
    EXPECT_THAT(refused.back().reason, HasSubstr("more than 2 entries"));
    fs::remove_all(out());

    refused = unpack({{"a/b/c/d", "x"}}, {.entries = 9, .bytes = 9, .depth = 2});
    EXPECT_THAT(refused.back().reason, HasSubstr("nested"));
}

TEST_F(Unpack, SaysThatAnArchiveIsBroken) {
    const fs::path archive = folder_.path() / "a.tar.gz";
    make_archive(archive, {{"a.c", std::string(100'000, 'x')}});
    fs::create_directory(out());
    fs::resize_file(archive, fs::file_size(archive) / 2);
    const auto cut = intake::unpack(archive, out(), student_archive);
    ASSERT_FALSE(cut.empty());
    EXPECT_TRUE(cut.back().path.empty());

    write_file_atomically(archive, "this is no archive at all");
    const auto none = intake::unpack(archive, out(), student_archive);
    ASSERT_FALSE(none.empty());
    EXPECT_TRUE(none.back().path.empty());
}

TEST(Pack, ComesOutAsItWentIn) {
    const TemporaryFolder folder("archive-test");
    fs::create_directories(folder.path() / "in/rootfs");
    fs::create_directory(folder.path() / "out");
    write_file_atomically(folder.path() / "in/a.c", "int a;");
    write_file_atomically(folder.path() / "in/rootfs/init", std::string("\0\xff", 2));
    const auto submission = kernel::Submission::from_folder(folder.path() / "in");
    const std::string packed = pack(submission);
    EXPECT_EQ(packed, pack(submission));
    EXPECT_THAT(unpack_text(packed, folder.path() / "out", student_archive), IsEmpty());
    EXPECT_EQ(kernel::Submission::from_folder(folder.path() / "out").sha256, submission.sha256);
}

TEST(Pack, RefusesFilesThatChanged) {
    const TemporaryFolder folder("archive-test");
    write_file_atomically(folder.path() / "a.c", "int a;");
    const auto submission = kernel::Submission::from_folder(folder.path());
    write_file_atomically(folder.path() / "a.c", "int b;");
    EXPECT_THROW(pack(submission), UsageError);
}

TEST(ArchiveNames, AreKnownByTheirEnding) {
    EXPECT_TRUE(is_archive_name("Ada.ZIP"));
    EXPECT_FALSE(is_archive_name("ada.c"));
    EXPECT_EQ(without_archive_ending("ada.tar.gz"), "ada");
    EXPECT_EQ(without_archive_ending("ada.c"), "ada.c");
}

}  // namespace
}  // namespace klass::intake
