// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The picture of the virtual camera, for C++: kmod/vcam/figure.h draws it.
 */
#pragma once

#include <cstdint>

#include "pose/frame.h"

namespace klass::pose {

/**
 * Frame @p sequence of the virtual camera's stream @p seed, as YUYV.
 * @param width  even; what sizes are meant is said in kmod/vcam/figure.h
 */
Frame figure_frame(std::uint32_t seed, std::uint32_t sequence, unsigned width, unsigned height);

/** Where its joints are, each with a score of 1. */
Keypoints figure_joints(std::uint32_t seed, std::uint32_t sequence);

}  // namespace klass::pose
