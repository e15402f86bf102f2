// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A machine with the course's virtual camera: kmod/vcam, at /dev/video0.
 */
#pragma once

#include <filesystem>
#include <string>

#include "guest/process.h"
#include "kernel/kernel_store.h"

namespace klass::judge {

/** Where the seed of the camera's pictures is written to, before a stream is started. */
inline constexpr const char *camera_seed = "/sys/module/vcam/parameters/seed";

/** Over all that the camera is made of. @param course  the course's folder */
std::string camera_sha256(const std::filesystem::path &course);

/**
 * Builds the camera for this kernel, and loads it with all that it needs.
 * @throws GraderFault when it does not build, or the guest does not take it
 */
void plug_in_camera(guest::Process &process, const kernel::Kernel &kernel,
                    const std::filesystem::path &course);

}  // namespace klass::judge
