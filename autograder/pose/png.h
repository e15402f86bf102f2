// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A frame as a PNG, without OpenCV: for whoever only shows it.
 */
#pragma once

#include "pose/frame.h"
#include "util/bytes.h"

namespace klass::pose {

/**
 * The frame's picture. @param frame  whose pixels are as many as it says
 * @throws GraderFault when they are not, or there is no memory for it
 */
Bytes png_of(const Frame &frame);

}  // namespace klass::pose
