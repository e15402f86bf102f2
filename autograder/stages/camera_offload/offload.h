// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The student's module, and a process of ours that hands it a camera.
 */
#pragma once

#include <camera_offload.h>
#include <fcntl.h>

#include <cstdint>
#include <vector>

#include "guest/camera.h"
#include "judge/pose_host.h"
#include "judge/trial.h"
#include "stages/camera_offload/frames.h"

namespace klass::stages::camera {

inline constexpr const char *module = "camera_offload";

/** The key points of a result are those that the server sent, bit for bit. */
void expect_keypoints(judge::Trial &t, const camera_offload_result &result,
                      const pose::Keypoints &sent);

/** A process whose camera streams, and that has the device open. */
class Client {
  public:
    explicit Client(judge::Trial &t, const CameraWish &wish = small, int flags = O_RDONLY);

    /** The request that hands the camera over. */
    [[nodiscard]] camera_offload_start request(std::uint16_t port) const;
    guest::Observation start(const camera_offload_start &request);
    /** Both end it; when they take longer than `soon`, the observation is of a call that hangs. */
    guest::Observation stop();
    guest::Observation close();
    /** Hands it over, and takes the connection that comes of it. */
    judge::PoseConnection connect(judge::PoseHost &host);

    /** What the camera shows. */
    [[nodiscard]] CameraWish wish() const {
        return {.width = camera.width(), .height = camera.height()};
    }

    guest::Observation read_result() { return device.read(sizeof(camera_offload_result)); }
    /** What a read brought. */
    camera_offload_result expect_whole(const guest::Observation &read);
    void expect_result(const pose::Frame &frame, const pose::Keypoints &keypoints);
    /** Nobody waits in vain: reads say the end, and poll tells so. */
    void expect_ended();

    guest::Process process;
    guest::Camera camera;
    guest::File device;

  private:
    judge::Trial &t_;
    guest::File nowhere_;
    std::vector<int> dma_bufs_;
};

/** The module is loaded, and a camera streams that can be handed over to it. */
struct Ready {
    explicit Ready(judge::Trial &t);

    std::uint32_t seed;  ///< of the camera's pictures
    judge::PoseHost host;
    Client client;
};

/** The module is loaded, and carries a camera's frames to us. */
struct Offload {
    explicit Offload(judge::Trial &t, const CameraWish &wish = small, int flags = O_RDONLY);

    std::uint32_t seed;  ///< of the camera's pictures
    judge::PoseHost host;
    Client client;
    judge::PoseConnection connection;
    Watcher watcher;
};

}  // namespace klass::stages::camera
