// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The camera of stage 07's machine, and what its frames must be when they come here.
 */
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "judge/pose_host.h"
#include "judge/trial.h"

namespace klass::stages::camera {

inline constexpr const char *camera_node = "/dev/video0";
inline constexpr unsigned usual_width = 320;
inline constexpr unsigned usual_height = 180;
inline constexpr unsigned usual_rate = 30;
/** How many a camera is asked for. */
inline constexpr unsigned buffers = 20;
/** What is to end has ended by then. */
inline constexpr std::chrono::seconds soon{2};

/** Pictures that nobody has seen before. @return their seed */
std::uint32_t choose_pictures(judge::Trial &t);

/** Pulls the camera out. */
void unplug(judge::Trial &t);

/** The smallest picture, where another one would show no more: it is a third of the work. */
struct CameraWish {
    unsigned width = 160;
    unsigned height = 120;
    unsigned rate = usual_rate;
};

inline constexpr CameraWish small;
inline constexpr CameraWish usual{.width = usual_width, .height = usual_height};

/** Frames as they come: each is the camera's own, and none comes twice or late. */
class Watcher {
  public:
    Watcher(judge::Trial &t, std::uint32_t seed, const CameraWish &wish)
        : t_(t), seed_(seed), width_(wish.width), height_(wish.height) {}

    pose::Frame next(judge::PoseConnection &connection);

  private:
    judge::Trial &t_;
    std::uint32_t seed_;
    unsigned width_;
    unsigned height_;
    std::optional<std::uint32_t> last_;
};

/** At a camera's 30 frames a second, with a server that keeps up, no frame is lost. */
void expect_no_frame_lost(judge::Trial &t, judge::PoseHost &host, judge::PoseConnection &connection,
                          Watcher &watcher);

}  // namespace klass::stages::camera
