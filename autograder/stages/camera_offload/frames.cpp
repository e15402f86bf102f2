// SPDX-License-Identifier: Apache-2.0
#include "stages/camera_offload/frames.h"

#include <fmt/format.h>

#include "judge/camera_machine.h"
#include "pose/figure.h"

namespace klass::stages::camera {

using judge::PoseConnection;
using judge::PoseHost;
using judge::Trial;

std::uint32_t choose_pictures(Trial &t) {
    const auto seed = static_cast<std::uint32_t>(t.random().between(1, UINT32_MAX));
    t.expect(t.process().write_file(judge::camera_seed, std::to_string(seed))).succeeds();
    return seed;
}

void unplug(Trial &t) {
    t.expect(t.process().write_file("/sys/bus/platform/drivers/vcam/unbind", "vcam")).succeeds();
}

pose::Frame Watcher::next(PoseConnection &connection) {
    pose::Frame frame = connection.frame();
    t_.expect_that(frame.width == width_ && frame.height == height_,
                   fmt::format("the header says {}x{}", width_, height_),
                   fmt::format("it says {}x{}", frame.width, frame.height));
    t_.expect_that(!last_ || frame.sequence > *last_,
                   fmt::format("after frame {} comes a later one", last_.value_or(0)),
                   fmt::format("frame {} comes", frame.sequence));
    const Bytes expected = pose::figure_frame(seed_, frame.sequence, width_, height_).pixels;
    t_.expect_same(
        expected, frame.pixels,
        fmt::format("frame {} is what the camera showed, byte for byte", frame.sequence));
    last_ = frame.sequence;
    return frame;
}

void expect_no_frame_lost(Trial &t, PoseHost &host, PoseConnection &connection, Watcher &watcher) {
    constexpr std::uint32_t frames = 45;
    // The camera streams before there is a connection, and has its buffers to put frames into.
    for (unsigned i = 0; i < buffers; ++i)
        watcher.next(connection);
    std::uint32_t before = watcher.next(connection).sequence;
    for (std::uint32_t i = 0; i < frames; ++i) {
        const pose::Frame frame = watcher.next(connection);
        t.expect_that(frame.sequence == before + 1, fmt::format("frame {} comes", before + 1),
                      fmt::format("frame {} comes", frame.sequence));
        before = frame.sequence;
        connection.answer(frame, host.random_keypoints());
    }
}

}  // namespace klass::stages::camera
