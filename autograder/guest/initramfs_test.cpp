// SPDX-License-Identifier: Apache-2.0
#include "guest/initramfs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "util/temporary_folder.h"

namespace klass::guest {
namespace {

const std::vector<InitramfsFile> files{
    {"init", "#!/bin/sh\n"}, {"bin", "", S_IFDIR | 0755}, {"bin/sh", "busybox", S_IFLNK | 0777}};

TEST(Initramfs, IsANewcArchiveWithItsTrailer) {
    const std::string image = make_initramfs(files);
    EXPECT_THAT(image, testing::StartsWith("070701"));
    EXPECT_THAT(image, testing::HasSubstr("TRAILER!!!"));
    EXPECT_THAT(image, testing::HasSubstr("#!/bin/sh\n"));
}

// Its digest is part of a snapshot's key.
TEST(Initramfs, SameFilesGiveTheSameBytes) {
    EXPECT_EQ(make_initramfs(files), make_initramfs(files));
}

TEST(Initramfs, HasTheAgentAndThePrograms) {
    const TemporaryFolder folder("initramfs-test");
    std::filesystem::create_directory(folder.path() / "guest");
    std::ofstream(folder.path() / "klass-agent") << "the agent";
    std::ofstream(folder.path() / "guest" / "count") << "a program";
    const std::string image = course_initramfs(folder.path() / "klass-agent");
    const std::size_t program = image.find("bin/count");
    ASSERT_NE(program, std::string::npos);
    EXPECT_LT(program, image.find("a program"));
    EXPECT_LT(image.find("bin"), program) << "a folder comes before what is in it";
    EXPECT_THAT(image.substr(image.find("init")), testing::HasSubstr("the agent"));
}

// A name of BusyBox is a link, so it stands in the archive as its path and a zero.
bool has_path(const std::string &image, const std::string &path) {
    return image.find(path + '\0') != std::string::npos;
}

TEST(StudentInitramfs, HasBusyBoxUnderAllOfItsNames) {
    const std::string image = student_initramfs({});
    for (const char *path :
         {"bin/busybox", "bin/sh", "bin/mount", "sbin/ip", "sbin/insmod", "proc"})
        EXPECT_TRUE(has_path(image, path)) << path;
}

// The kernel unpacks in order: a later file of the same name wins.
TEST(StudentInitramfs, TheStudentsFilesLieOverTheRestWithTheirFolders) {
    const std::string image =
        student_initramfs({{"bin/sh", "the student's own"}, {"opt/deep/file", "text"}});
    EXPECT_GT(image.find("the student's own"), image.rfind("/bin/busybox"));
    EXPECT_LT(image.find(std::string("opt\0", 4)), image.find("opt/deep/file"));
    EXPECT_TRUE(has_path(image, "opt/deep"));
}

}  // namespace
}  // namespace klass::guest
