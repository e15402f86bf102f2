// SPDX-License-Identifier: Apache-2.0
#include "pose/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgproc.hpp>

#include "util/digest.h"
#include "util/error.h"

namespace klass::pose {

namespace {

namespace fs = std::filesystem;

constexpr int cells = 48;

/** By name: OpenCV's own list of outputs is in alphabetical order, and so in no order to rely on.
 */
const std::vector<cv::String> head_names{"heatmap", "center", "regress", "offset"};
enum Head : std::size_t { heatmap, center, regress, offset };
constexpr std::array<int, 4> channels_of_heads{17, 1, 34, 34};

/** A channel of a head, by cells. */
class Grid {
  public:
    Grid(const cv::Mat &head, std::size_t channel)
        : values_(head.ptr<float>(0, static_cast<int>(channel))) {}
    float at(int y, int x) const { return values_[y * cells + x]; }

  private:
    const float *values_;
};

struct Cell {
    int y = 0;
    int x = 0;
};

/** The cell with the most, where what is far from (y, x) counts less; the first of equals. */
Cell best_near(const Grid &grid, float y, float x) {
    Cell best;
    float most = -1;
    for (int row = 0; row < cells; ++row)
        for (int column = 0; column < cells; ++column) {
            const float distance =
                std::hypot(static_cast<float>(row) - y, static_cast<float>(column) - x);
            // MoveNet's own weight, the constant included.
            const float value = grid.at(row, column) / (distance + 1.8F);
            if (value > most) {
                most = value;
                best = {row, column};
            }
        }
    return best;
}

Keypoints decode(const std::vector<cv::Mat> &heads) {
    // The network's middle is at 24, 24, and not between the cells.
    constexpr float of_grid = cells / 2.0F;
    const Cell middle = best_near(Grid(heads[center], 0), of_grid, of_grid);
    Keypoints keypoints;
    for (std::size_t joint = 0; joint < keypoints.size(); ++joint) {
        const auto from_middle = [&](int place, std::size_t axis) {
            return static_cast<float>(place) +
                   Grid(heads[regress], 2 * joint + axis).at(middle.y, middle.x);
        };
        const Grid likely(heads[heatmap], joint);
        const Cell peak = best_near(likely, from_middle(middle.y, 0), from_middle(middle.x, 1));
        const auto fraction = [&](int place, std::size_t axis) {
            return (static_cast<float>(place) +
                    Grid(heads[offset], 2 * joint + axis).at(peak.y, peak.x)) /
                   cells;
        };
        keypoints[joint] = {
            .y = fraction(peak.y, 0), .x = fraction(peak.x, 1), .score = likely.at(peak.y, peak.x)};
    }
    return keypoints;
}

std::string shape_of(const cv::Mat &head) {
    std::string text;
    for (int i = 0; i < head.dims; ++i)
        text += fmt::format("{}{}", i > 0 ? "x" : "", head.size[i]);
    return text;
}

UsageError not_a_pose_network(const fs::path &model, const std::string &why) {
    return UsageError(fmt::format("{} is no pose network: {}", model.string(), why),
                      "it has to be an ONNX file with MoveNet's input and heads; "
                      "autograder/pose/network/figure.onnx is one");
}

/** The first line of what OpenCV says, without the place in its source. */
std::string reason_of(const cv::Exception &error) {
    const std::string first = error.err.substr(0, error.err.find('\n'));
    return first.empty() ? "OpenCV cannot read it" : "OpenCV cannot use it (" + first + ")";
}

cv::dnn::Net load(const fs::path &model) {
    // What is wrong with a model, we say ourselves, in one sentence.
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    cv::redirectError([](int, const char *, const char *, const char *, int, void *) { return 0; });
    // As many threads as there are networks, and not a pool for each of them.
    cv::setNumThreads(1);
    if (!fs::is_regular_file(model))
        throw UsageError(fmt::format("there is no model {}", model.string()),
                         "name an ONNX file; the course's own is "
                         "autograder/pose/network/figure.onnx");
    const std::string contents = read_file(model);
    try {
        return cv::dnn::readNetFromONNX(contents.data(), contents.size());
    } catch (const cv::Exception &error) {
        throw not_a_pose_network(model, reason_of(error));
    }
}

}  // namespace

cv::Mat bgr_of(const Frame &frame) {
    const int rows = static_cast<int>(frame.height);
    const int columns = static_cast<int>(frame.width);
    if (frame.pixels.size() !=
        std::size_t{frame.width} * frame.height * bytes_of_pixel(frame.format))
        throw GraderFault("a frame whose pixels are not as many as it says");
    // OpenCV has no matrix over constant bytes; nothing below writes to this one.
    auto *pixels = const_cast<std::uint8_t *>(frame.pixels.data());
    if (frame.format == PixelFormat::bgr)
        return cv::Mat(rows, columns, CV_8UC3, pixels).clone();
    cv::Mat bgr;
    cv::cvtColor(cv::Mat(rows, columns, CV_8UC2, pixels), bgr, cv::COLOR_YUV2BGR_YUYV);
    return bgr;
}

cv::Mat letterbox(const cv::Mat &bgr) {
    const double longer = std::max(bgr.cols, bgr.rows);
    const int width =
        bgr.cols > bgr.rows ? network_side : static_cast<int>(network_side / longer * bgr.cols);
    const int height =
        bgr.cols > bgr.rows ? static_cast<int>(network_side / longer * bgr.rows) : network_side;
    cv::Mat scaled;
    cv::resize(bgr, scaled, {std::max(width, 1), std::max(height, 1)}, 0, 0, cv::INTER_LINEAR);
    const int above = (network_side - scaled.rows) / 2;
    const int left = (network_side - scaled.cols) / 2;
    cv::Mat square;
    cv::copyMakeBorder(scaled, square, above, network_side - scaled.rows - above, left,
                       network_side - scaled.cols - left, cv::BORDER_CONSTANT);
    return square;
}

Keypoints from_square(const Keypoints &keypoints, unsigned width, unsigned height) {
    const float side = static_cast<float>(std::max(width, height));
    const auto of_side = [&](float fraction, unsigned own) {
        const auto length = static_cast<float>(own);
        return std::clamp((fraction * side - (side - length) / 2) / length, 0.0F, 1.0F);
    };
    Keypoints of_frame = keypoints;
    for (Keypoint &keypoint : of_frame) {
        keypoint.y = of_side(keypoint.y, height);
        keypoint.x = of_side(keypoint.x, width);
    }
    return of_frame;
}

Network::Network(const fs::path &model) : net_(load(model)) {
    try {
        const auto outputs =
            heads(cv::Mat(network_side, network_side, CV_8UC3, cv::Scalar::all(0)));
        for (std::size_t head = 0; head < outputs.size(); ++head) {
            const cv::Mat &output = outputs[head];
            const std::string wanted =
                fmt::format("1x{0}x{1}x{1}", channels_of_heads.at(head), cells);
            if (shape_of(output) != wanted || output.type() != CV_32F)
                throw not_a_pose_network(model,
                                         fmt::format("its head \"{}\" is {}, and not {} of float32",
                                                     head_names[head], shape_of(output), wanted));
        }
    } catch (const cv::Exception &error) {
        throw not_a_pose_network(model, reason_of(error));
    }
}

std::vector<cv::Mat> Network::heads(const cv::Mat &square) {
    net_.setInput(cv::dnn::blobFromImage(square, 1.0, cv::Size(), cv::Scalar(), true, false));
    std::vector<cv::Mat> outputs;
    net_.forward(outputs, head_names);
    return outputs;
}

Keypoints Network::look_at(const cv::Mat &square) {
    // The heads share the network's memory until the next forward(): they are read at once.
    return decode(heads(square));
}

Keypoints Network::estimate(const Frame &frame) {
    try {
        return from_square(look_at(letterbox(bgr_of(frame))), frame.width, frame.height);
    } catch (const cv::Exception &error) {
        throw GraderFault("OpenCV gave up on a frame: " + error.err);
    }
}

}  // namespace klass::pose
