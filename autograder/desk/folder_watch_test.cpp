// SPDX-License-Identifier: Apache-2.0
#include "desk/folder_watch.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <fstream>

#include "util/temporary_folder.h"

namespace klass::desk {
namespace {

namespace fs = std::filesystem;

class FolderWatchTest : public testing::Test {
  protected:
    FolderWatchTest() {
        write("chardev.c");
        fs::create_directory(path() / "rootfs");
    }
    [[nodiscard]] const fs::path &path() const { return folder_.path(); }
    void write(const fs::path &name) { std::ofstream(path() / name) << "x"; }
    /** Whether something counted since the last call; inotify tells of it at once. */
    bool noticed(FolderWatch &watch) {
        pollfd event{watch.fd(), POLLIN, 0};
        return poll(&event, 1, 0) > 0 && watch.take();
    }

  private:
    TemporaryFolder folder_{"watch-test"};
};

TEST_F(FolderWatchTest, NoticesASave) {
    FolderWatch watch(path());
    EXPECT_FALSE(noticed(watch));
    write("chardev.c");
    EXPECT_TRUE(noticed(watch));
    EXPECT_FALSE(noticed(watch));
}

TEST_F(FolderWatchTest, NoticesASaveByRenameFromOutside) {
    const TemporaryFolder elsewhere("watch-test");
    std::ofstream(elsewhere.path() / "new") << "y";
    FolderWatch watch(path());
    fs::rename(elsewhere.path() / "new", path() / "chardev.c");
    EXPECT_TRUE(noticed(watch));
}

TEST_F(FolderWatchTest, NoticesWhatGoes) {
    FolderWatch watch(path());
    fs::remove(path() / "chardev.c");
    EXPECT_TRUE(noticed(watch));
}

TEST_F(FolderWatchTest, DoesNotMindAnEditorsHiddenFiles) {
    FolderWatch watch(path());
    write(".chardev.c.swp");
    fs::remove(path() / ".chardev.c.swp");
    EXPECT_FALSE(noticed(watch));
}

TEST_F(FolderWatchTest, DoesNotMindWhatMakeBuildsAtTheTop) {
    FolderWatch watch(path(), {"client"});
    write("client");
    fs::remove(path() / "client");
    EXPECT_FALSE(noticed(watch));
    write("client.cpp");
    EXPECT_TRUE(noticed(watch));
    write("rootfs/client");
    EXPECT_TRUE(noticed(watch));
}

TEST_F(FolderWatchTest, LooksIntoFoldersAlsoIntoNewOnes) {
    FolderWatch watch(path());
    write("rootfs/init");
    EXPECT_TRUE(noticed(watch));
    fs::create_directory(path() / "more");
    EXPECT_TRUE(noticed(watch));
    write("more/file.c");
    EXPECT_TRUE(noticed(watch));
}

TEST_F(FolderWatchTest, DoesNotLookIntoHiddenFolders) {
    fs::create_directory(path() / ".git");
    FolderWatch watch(path());
    write(".git/index");
    EXPECT_FALSE(noticed(watch));
}

TEST_F(FolderWatchTest, FindsTheFolderThatTookItsPlace) {
    const fs::path folder = path() / "rootfs";
    FolderWatch watch(folder);
    fs::rename(folder, path() / "old");
    fs::create_directory(folder);
    EXPECT_TRUE(noticed(watch));
    while (noticed(watch))
        continue;
    write("rootfs/init");
    EXPECT_TRUE(noticed(watch));
}

TEST_F(FolderWatchTest, LooksWhetherALostFolderIsBack) {
    const fs::path folder = path() / "rootfs";
    FolderWatch watch(folder);
    fs::remove(folder);
    EXPECT_TRUE(noticed(watch));
    EXPECT_TRUE(watch.lost());
    EXPECT_FALSE(watch.take());
    fs::create_directory(folder);
    EXPECT_TRUE(watch.take());
    EXPECT_FALSE(watch.lost());
}

}  // namespace
}  // namespace klass::desk
