// SPDX-License-Identifier: Apache-2.0
#include "pose/picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pose/figure.h"
#include "pose/network.h"
#include "pose/png.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::pose {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/** By how much the pixel that differs most from a grey does. */
double distance_from(int grey, const cv::Mat &picture) {
    cv::Mat difference;
    cv::absdiff(picture, cv::Scalar::all(grey), difference);
    return cv::norm(difference, cv::NORM_INF);
}

std::string text_of(const Bytes &bytes) {
    return {bytes.begin(), bytes.end()};
}

TEST(PictureTest, PngComesBackAsItWas) {
    const TemporaryFolder folder("picture-test");
    const cv::Mat bgr = bgr_of(figure_frame(1, 2, 160, 120));
    write_png(folder.path() / "a.png", bgr);
    const cv::Mat again = read_png(folder.path() / "a.png");
    ASSERT_EQ(again.size(), bgr.size());
    EXPECT_EQ(cv::norm(again, bgr, cv::NORM_INF), 0);
}

TEST(PictureTest, FrameWithoutOpenCvIsTheSamePicture) {
    const TemporaryFolder folder("picture-test");
    const std::filesystem::path file = folder.path() / "frame.png";
    const Frame frame = figure_frame(3, 4, 162, 120);
    write_file_atomically(file, text_of(png_of(frame)));
    const cv::Mat bgr = bgr_of(frame);
    const cv::Mat shown = read_png(file);
    ASSERT_EQ(shown.size(), bgr.size());
    // OpenCV's numbers are whole ones, and round otherwise.
    EXPECT_LE(cv::norm(shown, bgr, cv::NORM_INF), 2);
    write_file_atomically(file, text_of(png_of(frame_of(bgr))));
    EXPECT_EQ(cv::norm(read_png(file), bgr, cv::NORM_INF), 0);
    Frame wrong = frame;
    wrong.pixels.pop_back();
    EXPECT_THROW(png_of(wrong), GraderFault);
}

TEST(PictureTest, WhatIsNoPngIsTheCallersMistake) {
    const TemporaryFolder folder("picture-test");
    write_file_atomically(folder.path() / "b.png", "no picture");
    EXPECT_THAT([&] { read_png(folder.path() / "b.png"); },
                ThrowsMessage<UsageError>(HasSubstr("cannot read")));
    EXPECT_THROW(read_png(folder.path() / "none.png"), UsageError);
    EXPECT_THROW(write_png(folder.path() / "none" / "c.png", cv::Mat(16, 16, CV_8UC3)), UsageError);
    const cv::Mat large(16, 2000, CV_8UC3, cv::Scalar::all(0));
    write_png(folder.path() / "large.png", large);
    EXPECT_THAT([&] { read_png(folder.path() / "large.png"); },
                ThrowsMessage<UsageError>(HasSubstr("is larger than 1920x1080")));
    EXPECT_THROW(frame_of(large), UsageError);
}

TEST(PictureTest, FrameHasThePicturesPixels) {
    cv::Mat whole(40, 40, CV_8UC3, cv::Scalar(1, 2, 3));
    // A part of a larger picture, whose rows do not follow one another.
    const Frame frame = frame_of(whole(cv::Rect(3, 4, 20, 16)));
    EXPECT_EQ(frame.width, 20U);
    EXPECT_EQ(frame.height, 16U);
    ASSERT_EQ(frame.pixels.size(), 960U);
    EXPECT_EQ(frame.pixels[957], 1);
    EXPECT_EQ(frame.pixels[959], 3);
}

TEST(PictureTest, DrawsWhatWasSeenAndNothingElse) {
    const cv::Mat bgr(180, 320, CV_8UC3, cv::Scalar::all(100));
    Keypoints keypoints{};
    for (Keypoint &keypoint : keypoints)
        keypoint = {.y = 0.5F, .x = 0.25F, .score = seen_score / 2};
    const cv::Mat nobody = drawn(bgr, keypoints);
    EXPECT_EQ(nobody.size(), cv::Size(960, 540));
    const cv::Rect around(220, 250, 40, 40);
    EXPECT_EQ(distance_from(100, nobody(around)), 0);
    keypoints[9].score = 0.9F;
    const cv::Mat wrist = drawn(bgr, keypoints);
    EXPECT_GT(distance_from(100, wrist(around)), 50);
    EXPECT_EQ(distance_from(100, bgr), 0);
}

}  // namespace
}  // namespace klass::pose
