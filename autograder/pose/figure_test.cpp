// SPDX-License-Identifier: Apache-2.0
// The C that the kernel's virtual camera draws with, as it is compiled here.
#include "pose/figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

extern "C" {
#include <vcam/figure.h>
}

namespace klass::pose {
namespace {

struct Size {
    unsigned width;
    unsigned height;
};
constexpr std::array<Size, 6> sizes{
    {{160, 120}, {176, 144}, {320, 180}, {320, 240}, {640, 480}, {1280, 720}}};

using Joints = std::array<vcam_joint, VCAM_JOINTS>;

Joints joints_of(std::uint32_t seed, std::uint32_t sequence) {
    Joints joints{};
    vcam_joints(seed, sequence, joints.data());
    return joints;
}

/** The colour of the pair that a pixel belongs to. */
std::array<unsigned, 3> colour_at(const Frame &frame, unsigned x, unsigned y) {
    const std::size_t pair = (std::size_t{y} * frame.width + x / 2 * 2) * 2;
    return {frame.pixels.at(pair + x % 2 * 2), frame.pixels.at(pair + 1),
            frame.pixels.at(pair + 3)};
}

std::array<unsigned, 3> colour_of_joint(std::size_t joint) {
    return {vcam_palette[joint].y, vcam_palette[joint].u, vcam_palette[joint].v};
}

std::optional<std::size_t> joint_of_colour(const std::array<unsigned, 3> &colour) {
    for (std::size_t joint = 0; joint < VCAM_JOINTS; ++joint)
        if (colour[0] == vcam_palette[joint].y && colour == colour_of_joint(joint))
            return joint;
    return std::nullopt;
}

/** Seeds that look alike, and some that do not. */
std::vector<std::uint32_t> many_seeds() {
    std::vector<std::uint32_t> seeds{0xffffffff, 0x80000000, 0x9e3779b9, 0xdeadbeef};
    for (std::uint32_t seed = 0; seed < 300; ++seed)
        seeds.push_back(seed);
    return seeds;
}

TEST(FigureTest, IsTheSameEachTime) {
    const Frame frame = figure_frame(7, 100, 320, 180);
    EXPECT_EQ(frame.pixels.size(), 115200U);
    EXPECT_EQ(frame.sequence, 100U);
    EXPECT_EQ(figure_frame(7, 100, 320, 180).pixels, frame.pixels);
}

TEST(FigureTest, EachJointHasItsColourWhereItIs) {
    for (const Size size : sizes)
        for (const std::uint32_t seed : {0U, 1U, 2U, 77U, 4000000000U})
            for (const std::uint32_t sequence : {0U, 1U, 59U, 1000U, 4294967295U}) {
                const Frame frame = figure_frame(seed, sequence, size.width, size.height);
                const Joints joints = joints_of(seed, sequence);
                for (std::size_t i = 0; i < joints.size(); ++i)
                    EXPECT_EQ(colour_at(frame, joints[i].x * size.width / 65536,
                                        joints[i].y * size.height / 65536),
                              colour_of_joint(i))
                        << "joint " << i << " of frame " << sequence << " of stream " << seed
                        << " at " << size.width << "x" << size.height;
            }
}

// The middle of a marker's pixels is what a network finds.
TEST(FigureTest, MarkersLieAroundTheirJointsWholeAndUnhidden) {
    for (const Size size : sizes)
        for (std::uint32_t sequence = 0; sequence < 1000; sequence += 97) {
            const Frame frame = figure_frame(5, sequence, size.width, size.height);
            const Joints joints = joints_of(5, sequence);
            const double radius = size.width / 64.0;
            struct Sum {
                double across = 0;
                double down = 0;
                double count = 0;
            };
            std::array<Sum, VCAM_JOINTS> sums;
            for (unsigned y = 0; y < size.height; ++y)
                for (unsigned x = 0; x < size.width; ++x)
                    if (const auto joint = joint_of_colour(colour_at(frame, x, y))) {
                        sums[*joint].across += x + 0.5;
                        sums[*joint].down += y + 0.5;
                        ++sums[*joint].count;
                    }
            for (std::size_t i = 0; i < joints.size(); ++i) {
                const Sum &sum = sums[i];
                EXPECT_NEAR(sum.across / sum.count, joints[i].x * size.width / 65536.0, 1.01);
                EXPECT_NEAR(sum.down / sum.count, joints[i].y * size.height / 65536.0, 0.51);
                // Pairs make the edge rough, of small discs most.
                EXPECT_NEAR(sum.count, M_PI * radius * radius, radius * 4) << size.width;
            }
        }
}

TEST(FigureTest, ColoursOfJointsAreNobodyElses) {
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
        Bytes ground(320 * 180 * 2);
        vcam_draw_ground(ground.data(), 320, 180, seed);
        const auto is_ground = [](unsigned luma, unsigned chroma) {
            return luma >= 96 && luma <= 167 && chroma >= 120 && chroma <= 136;
        };
        for (std::size_t at = 0; at < ground.size(); at += 2)
            ASSERT_TRUE(is_ground(ground[at], ground[at + 1])) << "byte " << at;
    }
    for (std::size_t a = 0; a < VCAM_JOINTS; ++a) {
        const vcam_colour colour = vcam_palette[a];
        EXPECT_GT(std::hypot(colour.u - 128, colour.v - 128), 50) << a << " is nearly grey";
        for (std::size_t b = 0; b < a; ++b) {
            const vcam_colour other = vcam_palette[b];
            EXPECT_GT(std::hypot(colour.y - other.y, colour.u - other.u, colour.v - other.v), 45)
                << a << " and " << b << " look alike";
        }
    }
}

TEST(FigureTest, JointsStayInsideAndApart) {
    for (const std::uint32_t seed : many_seeds())
        for (std::uint32_t sequence = 0; sequence < 2000; sequence += 13) {
            const Joints joints = joints_of(seed, sequence);
            for (std::size_t i = 0; i < joints.size(); ++i) {
                ASSERT_GE(std::min(joints[i].x, joints[i].y), 65536U / 20 + 1);
                ASSERT_LE(std::max(joints[i].x, joints[i].y), 65536U - 65536 / 20 - 1);
                // In the flattest picture there is, in 64ths of its width: two radii and a half.
                for (std::size_t other = 0; other < i; ++other)
                    ASSERT_GT(std::hypot((joints[i].x - double(joints[other].x)) / 65536 * 64,
                                         (joints[i].y - double(joints[other].y)) / 65536 * 36),
                              2.5)
                        << i << " and " << other << " of frame " << sequence << " of " << seed;
            }
        }
}

TEST(FigureTest, MovesALittleFromFrameToFrame) {
    for (const std::uint32_t seed : many_seeds()) {
        // 2^32 - 50 and on: over the end of the sequence numbers.
        double moved = 0;
        for (std::uint32_t sequence = 4294967246U; sequence != 300; ++sequence) {
            const Joints before = joints_of(seed, sequence);
            const Joints after = joints_of(seed, sequence + 1);
            for (std::size_t i = 0; i < before.size(); ++i) {
                const double across = std::abs(double(after[i].x) - before[i].x);
                const double down = std::abs(double(after[i].y) - before[i].y);
                ASSERT_LE(std::max(across, down), 65536.0 / 40)
                    << "joint " << i << " after frame " << sequence << " of stream " << seed;
                moved += across + down;
            }
        }
        EXPECT_GT(moved, 65536.0) << "stream " << seed << " stands still";
    }
}

TEST(FigureTest, SeedsDiffer) {
    std::vector<std::tuple<std::uint32_t, std::uint32_t>> wrists;
    std::vector<Bytes> grounds;
    for (std::uint32_t seed = 0; seed < 100; ++seed) {
        const vcam_joint wrist = joints_of(seed, 0)[VCAM_LEFT_WRIST];
        wrists.emplace_back(wrist.x, wrist.y);
        grounds.emplace_back(160 * 120 * 2);
        vcam_draw_ground(grounds.back().data(), 160, 120, seed);
    }
    std::sort(wrists.begin(), wrists.end());
    EXPECT_EQ(std::unique(wrists.begin(), wrists.end()), wrists.end());
    std::sort(grounds.begin(), grounds.end());
    EXPECT_EQ(std::unique(grounds.begin(), grounds.end()), grounds.end());
}

TEST(FigureTest, GroundHasATexture) {
    Bytes ground(320 * 180 * 2);
    vcam_draw_ground(ground.data(), 320, 180, 3);
    std::vector<unsigned> luma;
    for (std::size_t at = 0; at < ground.size(); at += 2)
        luma.push_back(ground[at]);
    const auto [least, most] = std::minmax_element(luma.begin(), luma.end());
    EXPECT_GT(*most - *least, 40U);
}

// Sizes of all kinds, those that nobody should ask for too.
TEST(FigureTest, WritesNothingOutside) {
    constexpr std::size_t guard = 4096;
    constexpr std::uint8_t mark = 0xa5;
    constexpr std::array<Size, 8> odd_sizes{
        {{0, 0}, {2, 1}, {16, 16}, {160, 16}, {16, 160}, {162, 121}, {720, 1280}, {161, 120}}};
    std::vector<Size> all(odd_sizes.begin(), odd_sizes.end());
    all.insert(all.end(), sizes.begin(), sizes.end());
    for (const Size size : all)
        for (std::uint32_t seed = 0; seed < 8; ++seed) {
            const std::size_t bytes = std::size_t{size.width} * size.height * 2;
            Bytes buffer(bytes + 2 * guard, mark);
            vcam_draw_ground(buffer.data() + guard, size.width, size.height, seed);
            vcam_draw_figure(buffer.data() + guard, size.width, size.height, seed, seed * 31);
            EXPECT_EQ(std::count(buffer.begin(), buffer.begin() + guard, mark), guard);
            EXPECT_EQ(std::count(buffer.end() - guard, buffer.end(), mark), guard)
                << size.width << "x" << size.height;
        }
}

TEST(FigureTest, GroundLeavesNoPixelOut) {
    for (const std::uint8_t before : Bytes{0x00, 0xff}) {
        Bytes picture(160 * 120 * 2, before);
        vcam_draw_ground(picture.data(), 160, 120, 9);
        EXPECT_EQ(std::count(picture.begin(), picture.end(), before), 0);
    }
}

// A camera in an emulated processor draws 30 of them in a second.
TEST(FigureTest, TouchesFewPixels) {
    Bytes before(320 * 180 * 2);
    vcam_draw_ground(before.data(), 320, 180, 1);
    Bytes after = before;
    vcam_draw_figure(after.data(), 320, 180, 1, 0);
    unsigned touched = 0;
    for (std::size_t at = 0; at < after.size(); at += 2)
        touched += after[at] != before[at] ? 1 : 0;
    EXPECT_LT(touched, 4000U);
    EXPECT_GT(touched, 1000U);
}

}  // namespace
}  // namespace klass::pose
