// SPDX-License-Identifier: Apache-2.0
// The course's own network on the figure, and MoveNet where somebody put it beside the checkout.
#include "pose/network.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "pose/figure.h"
#include "pose/movenet_test_data.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

extern "C" {
#include <vcam/figure.h>
}

namespace klass::pose {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

const fs::path own_model = fs::path(KLASS_SOURCE_DIR) / "autograder/pose/network/figure.onnx";

struct Size {
    unsigned width;
    unsigned height;
};

void PrintTo(const Size &size, std::ostream *stream) {
    *stream << size.width << "x" << size.height;
}

float highest_score(const Keypoints &keypoints) {
    return std::max_element(keypoints.begin(), keypoints.end(),
                            [](const Keypoint &a, const Keypoint &b) { return a.score < b.score; })
        ->score;
}

class FigureNetworkTest : public testing::TestWithParam<Size> {};

INSTANTIATE_TEST_SUITE_P(Sizes, FigureNetworkTest,
                         testing::Values(Size{160, 120}, Size{320, 180}, Size{320, 240},
                                         Size{640, 480}, Size{1280, 720}),
                         testing::PrintToStringParamName());

TEST_P(FigureNetworkTest, FindsTheJoints) {
    Network network(own_model);
    double sum = 0;
    double worst = 0;
    double lowest = 1;
    unsigned count = 0;
    for (std::uint32_t seed = 0; seed < 12; ++seed)
        for (std::uint32_t i = 0; i < 5; ++i) {
            const std::uint32_t stream = seed * 2654435761U;
            const std::uint32_t sequence = i * 41 + seed;
            const Keypoints truth = figure_joints(stream, sequence);
            const Keypoints found = network.estimate(
                figure_frame(stream, sequence, GetParam().width, GetParam().height));
            for (std::size_t joint = 0; joint < truth.size(); ++joint) {
                const double error =
                    std::hypot(found[joint].y - truth[joint].y, found[joint].x - truth[joint].x);
                sum += error;
                worst = std::max(worst, error);
                lowest = std::min<double>(lowest, found[joint].score);
                ++count;
            }
        }
    RecordProperty("mean_error_percent", fmt::format("{:.3f}", sum / count * 100));
    fmt::print("{}x{}: mean error {:.2f} %, worst {:.2f} %, lowest score {:.2f}\n",
               GetParam().width, GetParam().height, sum / count * 100, worst * 100, lowest);
    EXPECT_LT(sum / count, 0.005);
    EXPECT_LT(worst, 0.02);
    EXPECT_GT(lowest, 0.5);
}

TEST_P(FigureNetworkTest, SeesNobodyOnBareGround) {
    Network network(own_model);
    for (std::uint32_t seed = 0; seed < 10; ++seed) {
        Frame frame{.width = GetParam().width, .height = GetParam().height};
        frame.pixels.resize(std::size_t{frame.width} * frame.height * 2);
        vcam_draw_ground(frame.pixels.data(), frame.width, frame.height, seed);
        EXPECT_LT(highest_score(network.estimate(frame)), 0.05);
    }
}

TEST(NetworkTest, SeesNobodyInTheDark) {
    Network network(own_model);
    for (const std::uint8_t level : Bytes{0, 128, 255}) {
        const Frame frame{.width = 320,
                          .height = 180,
                          .format = PixelFormat::bgr,
                          .pixels = Bytes(320 * 180 * 3, level)};
        EXPECT_LT(highest_score(network.estimate(frame)), 0.05);
    }
}

// One joint is hidden: it is not seen any more, and the others as before.
TEST(NetworkTest, MissesWhatIsHidden) {
    Network network(own_model);
    const Frame frame = figure_frame(3, 50, 320, 180);
    const Keypoints before = network.estimate(frame);
    cv::Mat bgr = bgr_of(frame);
    const Keypoint wrist = before[VCAM_LEFT_WRIST];
    cv::circle(bgr, {cvRound(wrist.x * 320), cvRound(wrist.y * 180)}, 7, {120, 120, 120},
               cv::FILLED);
    Frame covered = frame;
    covered.format = PixelFormat::bgr;
    covered.pixels.assign(bgr.datastart, bgr.dataend);
    const Keypoints after = network.estimate(covered);
    for (std::size_t joint = 0; joint < before.size(); ++joint) {
        EXPECT_GT(before[joint].score, seen_score);
        if (joint == VCAM_LEFT_WRIST)
            EXPECT_LT(after[joint].score, seen_score);
        else
            EXPECT_GT(after[joint].score, seen_score);
    }
}

TEST(NetworkTest, YuyvAndBgrAreTheSamePicture) {
    Network network(own_model);
    const Frame yuyv = figure_frame(4, 9, 320, 180);
    const cv::Mat bgr = bgr_of(yuyv);
    Frame same = yuyv;
    same.format = PixelFormat::bgr;
    same.pixels.assign(bgr.datastart, bgr.dataend);
    const Keypoints one = network.estimate(yuyv);
    const Keypoints other = network.estimate(same);
    for (std::size_t joint = 0; joint < one.size(); ++joint) {
        EXPECT_EQ(one[joint].y, other[joint].y);
        EXPECT_EQ(one[joint].x, other[joint].x);
        EXPECT_EQ(one[joint].score, other[joint].score);
    }
}

TEST(NetworkTest, EachThreadHasItsOwn) {
    const Frame frame = figure_frame(8, 8, 320, 180);
    const Keypoints expected = Network(own_model).estimate(frame);
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i)
        threads.emplace_back([&] {
            Network network(own_model);
            for (int k = 0; k < 5; ++k) {
                const Keypoints found = network.estimate(frame);
                for (std::size_t joint = 0; joint < found.size(); ++joint)
                    EXPECT_EQ(found[joint].x, expected[joint].x);
            }
        });
    for (std::thread &thread : threads)
        thread.join();
}

TEST(NetworkTest, PutsWhatIsOutsideOnTheEdge) {
    Keypoints square{};
    square[0] = {.y = 0.5F, .x = 0.25F, .score = 1};
    square[1] = {.y = 0.0F, .x = 1.01F, .score = 1};  // in the black bar above, and beyond the side
    const Keypoints wide = from_square(square, 320, 160);
    EXPECT_FLOAT_EQ(wide[0].y, 0.5F);
    EXPECT_FLOAT_EQ(wide[0].x, 0.25F);
    EXPECT_FLOAT_EQ(wide[1].y, 0.0F);
    EXPECT_FLOAT_EQ(wide[1].x, 1.0F);
    square[0].y = 0.375F;
    EXPECT_FLOAT_EQ(from_square(square, 320, 160)[0].y, 0.25F);
    EXPECT_FLOAT_EQ(from_square(square, 160, 320)[0].x, 0.0F);
}

TEST(NetworkTest, LetterboxKeepsTheShape) {
    const cv::Mat white(180, 320, CV_8UC3, cv::Scalar::all(255));
    const cv::Mat square = letterbox(white);
    EXPECT_EQ(square.size(), cv::Size(192, 192));
    EXPECT_EQ(square.at<cv::Vec3b>(41, 96), cv::Vec3b::all(0));
    EXPECT_EQ(square.at<cv::Vec3b>(42, 0), cv::Vec3b::all(255));
    EXPECT_EQ(square.at<cv::Vec3b>(149, 191), cv::Vec3b::all(255));
    EXPECT_EQ(square.at<cv::Vec3b>(150, 96), cv::Vec3b::all(0));
}

TEST(NetworkTest, AWrongModelIsTheCallersMistake) {
    const TemporaryFolder folder("network-test");
    EXPECT_THAT([&] { Network(folder.path() / "none.onnx"); },
                ThrowsMessage<UsageError>(HasSubstr("there is no model")));
    EXPECT_THAT([&] { Network(folder.path()); },
                ThrowsMessage<UsageError>(HasSubstr("there is no model")));
    const auto with = [&](const std::string &contents) {
        write_file_atomically(folder.path() / "bad.onnx", contents);
        Network(folder.path() / "bad.onnx");
    };
    EXPECT_THAT([&] { with("no model at all"); },
                ThrowsMessage<UsageError>(HasSubstr("is no pose network")));
    EXPECT_THAT([&] { with(""); }, ThrowsMessage<UsageError>(HasSubstr("is no pose network")));
    const std::string whole = read_file(own_model);
    EXPECT_THAT([&] { with(whole.substr(0, whole.size() / 2)); },
                ThrowsMessage<UsageError>(HasSubstr("is no pose network")));
    // Another head's name, of the same length: each head is looked for by its name.
    std::string renamed = whole;
    for (std::size_t at = 0; (at = renamed.find("center", at)) != std::string::npos; ++at)
        renamed.replace(at, 6, "centre");
    ASSERT_NE(renamed, whole);
    EXPECT_THAT([&] { with(renamed); }, ThrowsMessage<UsageError>(HasSubstr("is no pose network")));
}

// Heads that have the names but not the shapes: two of them change places.
TEST(NetworkTest, AHeadOfAnotherShapeIsNamed) {
    const TemporaryFolder folder("network-test");
    std::string swapped = read_file(own_model);
    const auto replace_all = [&](const std::string &from, const std::string &to) {
        for (std::size_t at = 0; (at = swapped.find(from, at)) != std::string::npos; ++at)
            swapped.replace(at, from.size(), to);
    };
    replace_all("heatmap", "regresX");
    replace_all("regress", "heatmap");
    replace_all("regresX", "regress");
    write_file_atomically(folder.path() / "swapped.onnx", swapped);
    EXPECT_THAT([&] { Network(folder.path() / "swapped.onnx"); },
                ThrowsMessage<UsageError>(
                    HasSubstr("its head \"heatmap\" is 1x34x48x48, and not 1x17x48x48")));
}

// --- MoveNet itself

TEST_F(MoveNetTest, FindsWhatItShould) {
    Network network(model);
    const auto &tolerance = expected["tolerance"]["same_pixels_cpp_cv_dnn_or_other_float_runtime"];
    Frame frame = photograph();
    const cv::Mat whole(static_cast<int>(frame.height), static_cast<int>(frame.width), CV_8UC3,
                        frame.pixels.data());
    cv::Mat flipped;
    cv::flip(whole, flipped, 1);
    const std::vector<std::pair<const char *, cv::Mat>> pictures{
        {"pose.jpg", whole},
        {"pose_flip", flipped},
        {"pose_upper_half", whole(cv::Rect(0, 0, 600, 300))},
        {"pose_crop", whole(cv::Rect(100, 0, 400, 400))},
        {"black", cv::Mat::zeros(192, 192, CV_8UC3)}};
    unsigned compared = 0;
    for (const auto &[name, picture] : pictures) {
        const Keypoints found = network.look_at(letterbox(picture));
        const Keypoints wanted = joints_of(name);
        for (std::size_t joint = 0; joint < found.size(); ++joint) {
            // Where a joint is that was not seen, is noise.
            if (wanted[joint].score <= threshold) {
                EXPECT_LE(found[joint].score, 0.35) << name << joint;
                continue;
            }
            ++compared;
            EXPECT_NEAR(found[joint].y, wanted[joint].y, tolerance["yx"].get<float>()) << name;
            EXPECT_NEAR(found[joint].x, wanted[joint].x, tolerance["yx"].get<float>()) << name;
            EXPECT_NEAR(found[joint].score, wanted[joint].score, tolerance["score"].get<float>())
                << name;
        }
    }
    EXPECT_EQ(compared, 17U + 17 + 13 + 15);
}

TEST_F(MoveNetTest, SeesNobodyInTheDark) {
    Network network(model);
    const Frame frame{
        .width = 320, .height = 180, .format = PixelFormat::bgr, .pixels = Bytes(320 * 180 * 3, 0)};
    EXPECT_LT(highest_score(network.estimate(frame)), seen_score);
}

}  // namespace
}  // namespace klass::pose
