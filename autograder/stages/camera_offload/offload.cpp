// SPDX-License-Identifier: Apache-2.0
#include "stages/camera_offload/offload.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cstring>

#include "stages/camera_offload/server.h"

namespace klass::stages::camera {

using guest::Memory;
using judge::PoseConnection;
using judge::PoseHost;
using judge::Trial;

namespace {

constexpr const char *node = "/dev/camera_offload";

std::uint32_t begin(Trial &t) {
    t.load(module);
    return choose_pictures(t);
}

}  // namespace

void expect_keypoints(Trial &t, const camera_offload_result &result, const pose::Keypoints &sent) {
    pose::Keypoints got;
    static_assert(sizeof got == sizeof result.keypoints);
    std::memcpy(&got, result.keypoints, sizeof got);
    for (std::size_t joint = 0; joint < sent.size(); ++joint)
        t.expect_that(bytes_of_struct(got[joint]) == bytes_of_struct(sent[joint]),
                      fmt::format("joint {} of frame {} is where the server said: {}", joint,
                                  result.sequence, text_of(sent[joint])),
                      fmt::format("it is at {}", text_of(got[joint])));
}

Client::Client(Trial &t, const CameraWish &wish, int flags)
    : process(t.another_process()),
      camera(t.open(process, camera_node, O_RDWR)),
      device(t.open(process, node, flags)),
      t_(t),
      nowhere_(t.open(process, "/dev/null", O_WRONLY)) {
    t.expect(camera.set_size(wish.width, wish.height)).returns(0);
    t.expect(camera.set_rate(wish.rate)).returns(0);
    t.expect(camera.request_buffers(buffers)).returns(0);
    for (unsigned index = 0; index < camera.buffers(); ++index) {
        dma_bufs_.push_back(
            static_cast<int>(t.expect(camera.export_buffer(index)).returns(0).observation().extra));
        t.expect(camera.queue(index)).returns(0);
    }
    t.expect(camera.stream(true)).returns(0);
}

camera_offload_start Client::request(std::uint16_t port) const {
    camera_offload_start start = {};
    start.camera = camera.fd();
    start.buffers = static_cast<std::uint32_t>(dma_bufs_.size());
    std::copy(dma_bufs_.begin(), dma_bufs_.end(), start.dma_bufs);
    start.pixel_format = CAMERA_OFFLOAD_YUYV;
    start.width = static_cast<std::uint16_t>(camera.width());
    start.height = static_cast<std::uint16_t>(camera.height());
    inet_pton(AF_INET, vm::OwnNetwork::host_address, &start.address);
    start.port = htons(port);
    return start;
}

guest::Observation Client::start(const camera_offload_start &request) {
    return device.ioctl(CAMERA_OFFLOAD_START, Memory::of(bytes_of_struct(request)),
                        "CAMERA_OFFLOAD_START");
}

guest::Observation Client::stop() {
    return device.start_ioctl_value(CAMERA_OFFLOAD_STOP, 0).wait(soon);
}

guest::Observation Client::close() {
    return device.start_close().wait(soon);
}

PoseConnection Client::connect(PoseHost &host) {
    const camera_offload_start what = request(host.port());
    t_.expect(start(what)).returns(0);
    // Where the request lay, the program puts something else.
    t_.expect(nowhere_.write(Bytes(sizeof what, 'K'))).returns(sizeof what);
    return host.accept();
}

camera_offload_result Client::expect_whole(const guest::Observation &read) {
    camera_offload_result result = {};
    t_.expect(read).returns(sizeof result);
    const Bytes bytes = read.got();
    t_.expect_that(bytes.size() == sizeof result, "the read brings what it says",
                   fmt::format("it brings {}", count_of_bytes(bytes.size())));
    std::memcpy(&result, bytes.data(), sizeof result);
    return result;
}

void Client::expect_result(const pose::Frame &frame, const pose::Keypoints &keypoints) {
    const camera_offload_result result = expect_whole(read_result());
    t_.expect_that(result.sequence == frame.sequence,
                   fmt::format("the result is of frame {}", frame.sequence),
                   fmt::format("it is of frame {}", result.sequence));
    t_.expect_that(result.timestamp_ns == frame.timestamp_ns,
                   fmt::format("its time is that of the frame, {}", frame.timestamp_ns),
                   fmt::format("it is {}", result.timestamp_ns));
    expect_keypoints(t_, result, keypoints);
}

void Client::expect_ended() {
    const auto hung_up = [&] {
        const auto polled = device.poll(POLLIN, 0);
        return polled.ok() && (polled.result & POLLHUP) != 0;
    };
    t_.expect_that(t_.comes_true(hung_up, soon),
                   fmt::format("poll of {} says POLLHUP within 2 s", node), "it does not");
    // What came before the end may be read first.
    auto read = read_result();
    if (read.result == sizeof(camera_offload_result))
        read = read_result();
    t_.expect(read).returns(0);
}

Ready::Ready(Trial &t) : seed(begin(t)), host(t), client(t) {}

Offload::Offload(Trial &t, const CameraWish &wish, int flags)
    : seed(begin(t)),
      host(t),
      client(t, wish, flags),
      connection(client.connect(host)),
      watcher(t, seed, client.wish()) {}

}  // namespace klass::stages::camera
