// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What the joints of a figure are called, and how they hang together.
 */
#pragma once

#include <array>
#include <cstddef>

#include "pose/frame.h"

namespace klass::pose {

/** What a key point is of. */
struct Joint {
    const char *name;
    std::size_t towards;  ///< the joint that it hangs on, or itself
};

/** In the order of Keypoints. */
inline constexpr std::array<Joint, CAMERA_OFFLOAD_KEYPOINTS> joints{{{"nose", 0},
                                                                     {"left eye", 0},
                                                                     {"right eye", 0},
                                                                     {"left ear", 1},
                                                                     {"right ear", 2},
                                                                     {"left shoulder", 6},
                                                                     {"right shoulder", 12},
                                                                     {"left elbow", 5},
                                                                     {"right elbow", 6},
                                                                     {"left wrist", 7},
                                                                     {"right wrist", 8},
                                                                     {"left hip", 5},
                                                                     {"right hip", 11},
                                                                     {"left knee", 11},
                                                                     {"right knee", 12},
                                                                     {"left ankle", 13},
                                                                     {"right ankle", 14}}};

}  // namespace klass::pose
