// SPDX-License-Identifier: Apache-2.0
#include "pose/picture.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "pose/joints.h"
#include "pose/network.h"
#include "util/error.h"

namespace klass::pose {

namespace {

namespace fs = std::filesystem;

const cv::Scalar line_colour(60, 220, 60);
const cv::Scalar ring_colour(40, 40, 230);

png_image empty_image() {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    return image;
}

constexpr double scale = 0.4;

/** White on a black edge: to be read on any ground. */
void write_text(cv::Mat &picture, const std::string &text, cv::Point at) {
    cv::putText(picture, text, at, cv::FONT_HERSHEY_SIMPLEX, scale, {0, 0, 0}, 3, cv::LINE_AA);
    cv::putText(picture, text, at, cv::FONT_HERSHEY_SIMPLEX, scale, {255, 255, 255}, 1,
                cv::LINE_AA);
}

/** On the joint's own side of the picture, and in a face one above the other. */
void write_label(cv::Mat &picture, std::size_t joint, float score, cv::Point place) {
    const std::string text = fmt::format("{} {:.2f}", joints.at(joint).name, score);
    const cv::Size size = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, scale, 1, nullptr);
    constexpr std::array<int, 5> down_in_face{24, -6, -6, 8, 8};
    const int down = joint < down_in_face.size() ? down_in_face.at(joint) : 4;
    int across = 10;
    if (joint == 0)
        across = -size.width / 2;
    else if (joint % 2 == 0)
        across = -10 - size.width;
    write_text(picture, text, place + cv::Point(across, down));
}

}  // namespace

cv::Mat read_png(const fs::path &path) {
    png_image image = empty_image();
    cv::Mat bgr;
    if (png_image_begin_read_from_file(&image, path.c_str()) != 0) {
        image.format = PNG_FORMAT_BGR;
        if (image.width <= CAMERA_OFFLOAD_MAX_WIDTH && image.height <= CAMERA_OFFLOAD_MAX_HEIGHT) {
            bgr.create(static_cast<int>(image.height), static_cast<int>(image.width), CV_8UC3);
            png_image_finish_read(&image, nullptr, bgr.data, static_cast<png_int_32>(bgr.step),
                                  nullptr);
        }
    }
    const std::string reason = image.message;
    const bool too_large = bgr.empty() && reason.empty();
    png_image_free(&image);
    if (too_large)
        throw UsageError(fmt::format("{} is larger than {}x{}", path.string(),
                                     CAMERA_OFFLOAD_MAX_WIDTH, CAMERA_OFFLOAD_MAX_HEIGHT),
                         "make it smaller first");
    if (!reason.empty())
        throw UsageError(fmt::format("cannot read {}: {}", path.string(), reason));
    return bgr;
}

void write_png(const fs::path &path, const cv::Mat &bgr) {
    png_image image = empty_image();
    image.width = static_cast<png_uint_32>(bgr.cols);
    image.height = static_cast<png_uint_32>(bgr.rows);
    image.format = PNG_FORMAT_BGR;
    if (png_image_write_to_file(&image, path.c_str(), 0, bgr.data,
                                static_cast<png_int_32>(bgr.step), nullptr) == 0)
        throw UsageError(fmt::format("cannot write {}: {}", path.string(), image.message));
}

Frame frame_of(const cv::Mat &bgr) {
    if (bgr.cols > CAMERA_OFFLOAD_MAX_WIDTH || bgr.rows > CAMERA_OFFLOAD_MAX_HEIGHT)
        throw UsageError(fmt::format("a picture of {}x{}, and a frame has {}x{} at most", bgr.cols,
                                     bgr.rows, CAMERA_OFFLOAD_MAX_WIDTH, CAMERA_OFFLOAD_MAX_HEIGHT),
                         "make it smaller first");
    // A part of a picture has gaps between its rows; a copy has none.
    const cv::Mat packed = bgr.clone();
    return {.width = static_cast<unsigned>(bgr.cols),
            .height = static_cast<unsigned>(bgr.rows),
            .format = PixelFormat::bgr,
            .pixels = Bytes(packed.data, packed.data + packed.total() * packed.elemSize())};
}

cv::Mat drawn(const cv::Mat &bgr, const Keypoints &keypoints) {
    const double zoom = std::max(1.0, std::ceil(960.0 / bgr.cols));
    cv::Mat picture;
    cv::resize(bgr, picture, {}, zoom, zoom, cv::INTER_NEAREST);
    const auto place_of = [&](const Keypoint &keypoint) {
        return cv::Point(cvRound(keypoint.x * static_cast<float>(picture.cols)),
                         cvRound(keypoint.y * static_cast<float>(picture.rows)));
    };
    const auto seen = [&](std::size_t joint) { return keypoints.at(joint).score >= seen_score; };
    for (std::size_t joint = 0; joint < joints.size(); ++joint) {
        const std::size_t other = joints.at(joint).towards;
        if (seen(joint) && seen(other))
            cv::line(picture, place_of(keypoints.at(joint)), place_of(keypoints.at(other)),
                     line_colour, 2, cv::LINE_AA);
    }
    for (std::size_t joint = 0; joint < joints.size(); ++joint) {
        if (!seen(joint))
            continue;
        const Keypoint &keypoint = keypoints.at(joint);
        const cv::Point place = place_of(keypoint);
        cv::circle(picture, place, 6, ring_colour, 2, cv::LINE_AA);
        write_label(picture, joint, keypoint.score, place);
    }
    const auto count = std::count_if(keypoints.begin(), keypoints.end(),
                                     [](const Keypoint &each) { return each.score >= seen_score; });
    write_text(picture, fmt::format("{} of {} joints seen", count, keypoints.size()),
               {8, picture.rows - 10});
    return picture;
}

}  // namespace klass::pose
