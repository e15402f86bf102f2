// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A pose network: MoveNet, or one with its input and its heads, by OpenCV's DNN.
 *
 * Such an ONNX file has the input `image`, 1x3x192x192 in the order R, G, B from 0 to 255, and four
 * outputs on a grid of 48 by 48 cells: `heatmap` (17 channels), `center` (1), `regress` and
 * `offset` (34 each: y and x of each joint, in cells). What is done with them is MoveNet's own
 * post-processing: R. Votel and N. Li, "Next-Generation Pose Detection with MoveNet and
 * TensorFlow.js" (TensorFlow blog, 2021), and the last operations of the published model.
 */
#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

#include "pose/estimator.h"

namespace klass::pose {

/** Side of the square that the network sees, in pixels. */
inline constexpr int network_side = 192;
/** Below this score, a joint was not seen: MoveNet's usual threshold. */
inline constexpr float seen_score = 0.3F;

/** A frame's pixels as BGR, three bytes a pixel. */
cv::Mat bgr_of(const Frame &frame);

/** A BGR picture, scaled to the network's square with its shape kept, in the middle of black. */
cv::Mat letterbox(const cv::Mat &bgr);

/**
 * From fractions of the square to fractions of a frame's sides. What falls outside of the frame is
 * put on its edge.
 */
Keypoints from_square(const Keypoints &keypoints, unsigned width, unsigned height);

/** One loaded network. Not for several threads at once; each thread loads its own. */
class Network final : public Estimator {
  public:
    /**
     * @param model  an ONNX file
     * @throws UsageError when it is not there, cannot be read, or has another input or other heads
     */
    explicit Network(const std::filesystem::path &model);

    Keypoints estimate(const Frame &frame) override;

    /**
     * The key points in a BGR picture of network_side by network_side, as fractions of that, and
     * not put inside: a joint near an edge may lie a little beyond it.
     */
    Keypoints look_at(const cv::Mat &square);

  private:
    std::vector<cv::Mat> heads(const cv::Mat &square);

    cv::dnn::Net net_;
};

}  // namespace klass::pose
