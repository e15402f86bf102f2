// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What finds key points in a frame, as the server sees it.
 */
#pragma once

#include "pose/frame.h"

namespace klass::pose {

/** A network, or whatever stands for one. One object serves one thread at a time. */
class Estimator {
  public:
    Estimator() = default;
    Estimator(const Estimator &) = delete;
    Estimator &operator=(const Estimator &) = delete;
    virtual ~Estimator() = default;

    /**
     * The key points of the figure in a frame, as fractions of the frame's sides.
     * @throws GraderFault when it cannot be found out, which no frame within the limits causes
     */
    virtual Keypoints estimate(const Frame &frame) = 0;
};

}  // namespace klass::pose
