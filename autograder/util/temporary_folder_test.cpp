// SPDX-License-Identifier: Apache-2.0
#include "util/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "util/digest.h"
#include "util/error.h"

namespace klass {
namespace {

namespace fs = std::filesystem;

/** Each test may set TMPDIR. */
class TemporaryFolderTest : public testing::Test {
  protected:
    ~TemporaryFolderTest() override { unsetenv("TMPDIR"); }
};

TEST_F(TemporaryFolderTest, LiesInTmpdirAndGoesWithItsObject) {
    const TemporaryFolder outer("outer");
    setenv("TMPDIR", outer.path().c_str(), 1);
    fs::path inner_path;
    {
        const TemporaryFolder inner("inner");
        inner_path = inner.path();
        EXPECT_EQ(inner_path.parent_path(), outer.path());
        EXPECT_THAT(inner_path.filename().string(), testing::StartsWith("klass-tmp-inner-"));
        fs::create_directories(inner_path / "a" / "b");
        write_file_atomically(inner_path / "a" / "b" / "file", "x");
    }
    EXPECT_FALSE(fs::exists(inner_path));
}

TEST_F(TemporaryFolderTest, GoesThoughItsContentsForbidIt) {
    EXPECT_EXIT(
        {
            // Root may do anything, so root tries it as "nobody".
            if (geteuid() == 0 && (setegid(65534) != 0 || seteuid(65534) != 0))
                _exit(1);
            fs::path path;
            {
                const TemporaryFolder folder("stubborn");
                path = folder.path();
                fs::create_directories(path / "closed" / "inner");
                fs::permissions(path / "closed", fs::perms::none);
            }
            _exit(fs::exists(path) ? 2 : 0);
        },
        testing::ExitedWithCode(0), "");
}

TEST_F(TemporaryFolderTest, SaysWhyItCannotBeMade) {
    setenv("TMPDIR", "/no/such/folder", 1);
    EXPECT_THROW(TemporaryFolder("x"), GraderFault);
}

TEST_F(TemporaryFolderTest, OfAnOwnerWhoWasKilledIsRemovedLater) {
    const TemporaryFolder outer("outer");
    setenv("TMPDIR", outer.path().c_str(), 1);
    const TemporaryFolder in_use("in-use");
    const fs::path abandoned = outer.path() / "klass-tmp-grade-killed";
    const fs::path somebody_elses = outer.path() / "klass-homework";
    for (const fs::path &folder : {abandoned, somebody_elses})
        fs::create_directories(folder / "source");
    const fs::path link = outer.path() / "klass-tmp-link";
    fs::create_directory_symlink(somebody_elses, link);
    remove_abandoned_folders(outer.path());
    EXPECT_TRUE(fs::exists(abandoned)) << "it may be about to be locked";

    const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours{1};
    for (const fs::path &folder : {abandoned, somebody_elses, in_use.path()})
        fs::last_write_time(folder, long_ago);
    remove_abandoned_folders(outer.path());
    EXPECT_FALSE(fs::exists(abandoned));
    EXPECT_TRUE(fs::exists(in_use.path()));
    EXPECT_TRUE(fs::exists(somebody_elses));
    EXPECT_TRUE(fs::is_symlink(link));
}

}  // namespace
}  // namespace klass
