// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Pictures of frames with what a network found in them, as PNG by libpng.
 *
 * OpenCV's own reading and writing of pictures is left alone: its package brings 120 MB of formats.
 */
#pragma once

#include <filesystem>
#include <opencv2/core.hpp>

#include "pose/frame.h"

namespace klass::pose {

/** Reads a PNG of any kind as BGR. @throws UsageError when it is none, or cannot be read */
cv::Mat read_png(const std::filesystem::path &path);

/** Writes a BGR picture. @throws UsageError when it cannot be written */
void write_png(const std::filesystem::path &path, const cv::Mat &bgr);

/** A BGR picture as a frame. @throws UsageError when it is larger than a frame may be */
Frame frame_of(const cv::Mat &bgr);

/**
 * The picture, at least 960 pixels wide, and on it each joint that was seen as a ring with its
 * name and score, and lines between those that belong together.
 */
cv::Mat drawn(const cv::Mat &bgr, const Keypoints &keypoints);

}  // namespace klass::pose
