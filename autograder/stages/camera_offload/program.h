// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The student's client, a program of the guest.
 */
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "judge/trial.h"
#include "pose/frame.h"
#include "stages/camera_offload/frames.h"

namespace klass::stages::camera {

/** The client, while it runs; its output goes into a file of the guest. */
class Program {
  public:
    /** Its size for frames of CameraWish small: an argument, and a space after it. */
    static const std::string small_size;

    Program(judge::Trial &t, const std::string &arguments);

    /** The lines that it has printed, each of them whole. */
    std::vector<std::string> lines();
    void send(int signal);
    /** It ends by itself, soon, with this status. */
    void expect_exit(int status);
    void expect_running();
    /** Its next line is this result. */
    void expect_result(const pose::Frame &frame, const pose::Keypoints &keypoints);

  private:
    std::string said();

    judge::Trial &t_;
    guest::Process process_;
    guest::Pending run_;
    std::size_t shown_ = 0;
};

}  // namespace klass::stages::camera
