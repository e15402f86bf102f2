// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A camera's frame, and the key points of the figure in it.
 *
 * pose/ is the other end of a camera's connection: it takes frames from anybody, finds the figure
 * in them, and answers. It must never know of guests, kernels, checks or points. Where the camera
 * is, in a guest or anywhere else, is not its business either.
 */
#pragma once

#include <camera_offload_wire.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "util/bytes.h"

namespace klass::pose {

/** How pixels are laid out: V4L2's fourcc numbers (linux/videodev2.h). */
enum class PixelFormat : std::uint32_t {
    yuyv = CAMERA_OFFLOAD_YUYV,  ///< ITU-R BT.601, studio range; two pixels share their chroma
    bgr = CAMERA_OFFLOAD_BGR24
};

/** Bytes of one pixel; 0 for a format that is none of ours. */
constexpr std::size_t bytes_of_pixel(PixelFormat format) {
    switch (format) {
        case PixelFormat::yuyv:
            return 2;
        case PixelFormat::bgr:
            return 3;
    }
    return 0;
}

/** One picture of a camera. */
struct Frame {
    std::uint32_t sequence = 0;      ///< the camera's number
    std::uint64_t timestamp_ns = 0;  ///< the sender's time
    unsigned width = 0;              ///< pixels
    unsigned height = 0;
    PixelFormat format = PixelFormat::yuyv;
    Bytes pixels;  ///< row after row, without gaps
};

/** One joint. */
struct Keypoint {
    float y = 0;      ///< from the top, as a fraction of the height
    float x = 0;      ///< from the left, as a fraction of the width
    float score = 0;  ///< 0 to 1: how sure the network is
};

/** MoveNet's order: nose, then left and right eye, ear, shoulder, elbow, wrist, hip, knee, ankle.
 */
using Keypoints = std::array<Keypoint, CAMERA_OFFLOAD_KEYPOINTS>;

}  // namespace klass::pose
