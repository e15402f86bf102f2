// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "kernel/student_kernel.h"

namespace klass::kernel {
namespace {

/** The head of a bzImage: magic at 0x202, and at 0x20e where its version stands, less 0x200. */
Bytes image_with(const std::string &version, std::uint16_t pointer) {
    Bytes image(0x400, 0);
    const std::string magic = "HdrS";
    std::copy(magic.begin(), magic.end(), image.begin() + 0x202);
    image[0x20e] = static_cast<std::uint8_t>(pointer & 0xFFU);
    image[0x20f] = static_cast<std::uint8_t>(pointer >> 8U);
    const std::size_t at = 0x200U + pointer;
    for (std::size_t i = 0; i < version.size() && at + i < image.size(); ++i)
        image[at + i] = static_cast<std::uint8_t>(version[i]);
    return image;
}

TEST(ReleaseOfImage, IsTheFirstWordOfItsVersion) {
    EXPECT_EQ(release_of_image(image_with("6.12.117-mine (klass@klass) #2", 0x100)),
              "6.12.117-mine");
}

TEST(ReleaseOfImage, OfWhatIsNoImageIsEmpty) {
    EXPECT_EQ(release_of_image({}), "");
    EXPECT_EQ(release_of_image(Bytes(0x400, 'x')), "");
    Bytes cut = image_with("6.12", 0x100);
    cut.resize(0x20f);
    EXPECT_EQ(release_of_image(cut), "");
}

TEST(ReleaseOfImage, APointerBeyondTheEndIsBorne) {
    EXPECT_EQ(release_of_image(image_with("", 0xFFFF)), "");
    EXPECT_EQ(release_of_image(image_with("6.12", 0x1FE)), "6.");
}

TEST(ReleaseOfImage, IsNeverLongerThanAName) {
    EXPECT_EQ(release_of_image(image_with(std::string(500, 'a'), 0x10)).size(), 64U);
}

}  // namespace
}  // namespace klass::kernel
