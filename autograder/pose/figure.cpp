// SPDX-License-Identifier: Apache-2.0
#include "pose/figure.h"

extern "C" {
#include <vcam/figure.h>
}

namespace klass::pose {

static_assert(VCAM_JOINTS == CAMERA_OFFLOAD_KEYPOINTS);

Frame figure_frame(std::uint32_t seed, std::uint32_t sequence, unsigned width, unsigned height) {
    Frame frame{.sequence = sequence, .width = width, .height = height};
    frame.pixels.resize(std::size_t{width} * height * bytes_of_pixel(frame.format));
    vcam_draw_ground(frame.pixels.data(), width, height, seed);
    vcam_draw_figure(frame.pixels.data(), width, height, seed, sequence);
    return frame;
}

Keypoints figure_joints(std::uint32_t seed, std::uint32_t sequence) {
    std::array<vcam_joint, VCAM_JOINTS> joints{};
    vcam_joints(seed, sequence, joints.data());
    Keypoints keypoints;
    for (std::size_t i = 0; i < keypoints.size(); ++i)
        keypoints[i] = {.y = static_cast<float>(joints[i].y) / 65536,
                        .x = static_cast<float>(joints[i].x) / 65536,
                        .score = 1};
    return keypoints;
}

}  // namespace klass::pose
