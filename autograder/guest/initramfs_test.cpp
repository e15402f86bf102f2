// SPDX-License-Identifier: Apache-2.0
#include "guest/initramfs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

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

}  // namespace
}  // namespace klass::guest
