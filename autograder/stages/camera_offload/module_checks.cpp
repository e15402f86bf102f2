// SPDX-License-Identifier: Apache-2.0
// Part B: what the student's module must do.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "stages/camera_offload/checks.h"
#include "stages/camera_offload/frames.h"
#include "stages/camera_offload/holdings.h"
#include "stages/camera_offload/offload.h"
#include "stages/camera_offload/program.h"
#include "stages/camera_offload/server.h"

namespace klass::stages::camera {

using namespace std::chrono_literals;
using guest::Memory;
using guest::Pending;
using judge::PoseConnection;
using judge::PoseHost;
using judge::Trial;

void sends_frames(Trial &t) {
    auto [seed, host, client, connection, watcher] = Offload(t, usual);
    for (int i = 0; i < 20; ++i)
        connection.answer(watcher.next(connection), host.random_keypoints());
    t.note("20 frames come, each as the camera showed it");
}

void brings_results(Trial &t) {
    auto [seed, host, client, connection, watcher] = Offload(t);
    for (int i = 0; i < 5; ++i)
        expect_shown(client, host, connection, watcher.next(connection));
}

void keeps_the_newest(Trial &t) {
    auto [seed, host, client, connection, watcher] = Offload(t);
    const pose::Frame first = watcher.next(connection);
    const pose::Frame second = watcher.next(connection);
    const pose::Frame third = watcher.next(connection);
    const pose::Keypoints newest = host.random_keypoints();
    connection.answer(second, newest);
    client.expect_result(second, newest);
    // What comes late is older than what was shown.
    connection.answer(first, host.random_keypoints());
    t.expect(t.process().sleep(200ms)).returns(0);
    Pending read = client.device.start_read(sizeof(camera_offload_result));
    t.expect_blocks(read);
    const pose::Keypoints last = host.random_keypoints();
    connection.answer(third, last);
    const camera_offload_result result = client.expect_whole(read.wait());
    t.expect_that(result.sequence == third.sequence,
                  fmt::format("the read brings frame {}", third.sequence),
                  fmt::format("it brings frame {}", result.sequence));
    for (const pose::Frame &frame : once_round(third))
        expect_shown(client, host, connection, frame);
}

// The page that holds the second half of the read's memory is not there until we say so: the read
// stays half way, exactly where a missing lock lets a newer answer in.
void one_frame(Trial &t) {
    auto [seed, host, client, connection, watcher] = Offload(t);
    for (int round = 0; round < 2; ++round) {
        const std::array<pose::Frame, 2> frames{watcher.next(connection), watcher.next(connection)};
        const std::array<pose::Keypoints, 2> keypoints{host.random_keypoints(),
                                                       host.random_keypoints()};
        connection.answer(frames[0], keypoints[0]);
        t.expect(client.device.poll(POLLIN, -1)).returns(POLLIN);
        Pending read =
            client.device.start_read(Memory::of(Bytes(sizeof(camera_offload_result), 'K')).gated());
        t.expect_blocks(read);
        connection.answer(frames[1], keypoints[1]);
        // Nothing tells when it has come: a correct module may not take it before the read is over.
        t.expect(t.process().sleep(300ms)).returns(0);
        t.expect(client.process.open_gate()).succeeds();
        const camera_offload_result result = client.expect_whole(read.wait());
        const std::size_t which = result.sequence == frames[0].sequence ? 0 : 1;
        t.expect_that(
            result.sequence == frames.at(which).sequence,
            fmt::format("the result is of frame {} or {}", frames[0].sequence, frames[1].sequence),
            fmt::format("it is of frame {}", result.sequence));
        expect_keypoints(t, result, keypoints.at(which));
        if (which == 0)
            client.expect_result(frames[1], keypoints[1]);
    }
}

void polls(Trial &t) {
    auto [seed, host, client, connection, watcher] = Offload(t, small, O_RDONLY | O_NONBLOCK);
    for (int round = 0; round < 2; ++round) {
        const pose::Frame frame = watcher.next(connection);
        t.expect(client.read_result()).fails_with(EAGAIN);
        t.expect(client.device.poll(POLLIN, 0)).returns(0);
        Pending poll = client.device.start_poll(POLLIN, -1);
        t.expect_blocks(poll);
        const pose::Keypoints keypoints = host.random_keypoints();
        connection.answer(frame, keypoints);
        t.expect(poll.wait()).returns(POLLIN);
        client.expect_result(frame, keypoints);
    }
    Pending poll = client.device.start_poll(POLLIN, -1);
    t.expect_blocks(poll);
    connection.close();
    const auto polled = t.expect(poll.wait()).succeeds();
    t.expect_that((polled.value() & POLLHUP) != 0, "at the end it is POLLHUP",
                  fmt::format("it is {:#x}", polled.value()));
    t.expect(client.read_result()).returns(0);
}

void in_pieces(Trial &t) {
    auto [seed, host, client, connection, watcher] = Offload(t);
    const pose::Frame frame = connection.frame();
    const pose::Keypoints keypoints = host.random_keypoints();
    send_in_pieces(t, connection, frame, keypoints);
    client.expect_result(frame, keypoints);
}

void offload_keeps_up(Trial &t) {
    auto [seed, host, client, connection, watcher] = Offload(t, usual);
    expect_no_frame_lost(t, host, connection, watcher);
}

void refuses(Trial &t) {
    Ready ready(t);
    // By names that lambdas can capture.
    PoseHost &host = ready.host;
    Client &client = ready.client;
    const auto expect_error = [&](int error, const auto &change) {
        camera_offload_start request = client.request(host.port());
        change(request);
        t.expect(client.start(request)).fails_with(error);
    };
    expect_error(EBADF, [](auto &request) { request.camera = 999; });
    expect_error(EBADF, [](auto &request) { request.dma_bufs[buffers - 1] = 999; });
    expect_error(EINVAL, [&](auto &request) { request.camera = client.device.fd(); });
    expect_error(EINVAL, [](auto &request) { request.dma_bufs[0] = request.camera; });
    expect_error(EINVAL, [](auto &request) { request.buffers = 0; });
    expect_error(EINVAL, [](auto &request) { request.buffers = CAMERA_OFFLOAD_MAX_BUFFERS + 1; });
    expect_error(EINVAL, [](auto &request) { request.buffers = UINT32_MAX; });
    expect_error(EINVAL, [](auto &request) { request.width = CAMERA_OFFLOAD_MAX_WIDTH + 2; });
    expect_error(EINVAL, [](auto &request) { request.height = CAMERA_OFFLOAD_MIN_SIDE - 1; });
    expect_error(EINVAL, [](auto &request) { request.width = 1280, request.height = 720; });
    expect_error(EINVAL, [](auto &request) { request.pixel_format = 0; });
    expect_error(EINVAL, [](auto &request) { request.reserved = 1; });
    expect_error(EINVAL, [](auto &request) { --request.width; });
    {
        // Another program that only has the camera open has no say in what its owner streams.
        guest::File other = t.open(client.process, camera_node, O_RDWR);
        expect_error(EINVAL, [&](auto &request) { request.camera = other.fd(); });
        t.expect(other.close()).returns(0);
    }
    t.expect(client.device.ioctl(CAMERA_OFFLOAD_START, Memory::at(0x1000, 8),
                                 "CAMERA_OFFLOAD_START from a bad address"))
        .fails_with(EFAULT);
    t.expect(client.device.ioctl_value(0x1234, 0)).fails_with_one_of(std::array{ENOTTY, EINVAL});
    t.expect(client.read_result()).returns(0);
    host.leave();
    expect_error(ECONNREFUSED, [](auto &) {});
    host.come_back();
    PoseConnection connection = client.connect(host);
    expect_error(EBUSY, [](auto &) {});
    t.expect(client.device.read(sizeof(camera_offload_result) - 1)).fails_with(EINVAL);
    connection.frame();
}

void stops(Trial &t) {
    Holdings before(t);
    auto [seed, host, client] = Ready(t);
    for (int round = 0; round < 2; ++round) {
        PoseConnection connection = client.connect(host);
        Watcher watcher(t, seed, client.wish());
        watcher.next(connection);
        t.expect(client.stop()).returns(0);
        connection.expect_end(soon);
        client.expect_ended();
    }
    // So soon that what was begun may not have run yet.
    for (int round = 0; round < 5; ++round) {
        t.expect(client.start(client.request(host.port()))).returns(0);
        t.expect(client.stop()).returns(0);
        client.expect_ended();
    }
    t.expect(client.close()).returns(0);
    t.expect(client.camera.file().close()).returns(0);
    t.expect(client.process.signal(SIGKILL)).returns(0);
    t.unload(module);
    before.expect_the_same();
}

void killed_client(Trial &t) {
    Holdings before(t);
    auto [seed, host, client, connection, watcher] = Offload(t);
    connection.frame();
    t.expect(t.try_unload(module)).fails_with(EWOULDBLOCK);
    t.expect(client.process.signal(SIGKILL)).returns(0);
    connection.expect_end(soon);
    connection.close();
    // The connection ends while the file is being released; the module is free after that.
    t.expect_that(t.comes_true([&] { return t.try_unload(module).ok(); }, soon),
                  "the module can then be unloaded within 2 s", "it is still in use");
    before.expect_the_same();
}

void server_gone(Trial &t) {
    auto [seed, host, client] = Ready(t);
    for (const ServerEnd end : all_ends) {
        PoseConnection connection = client.connect(host);
        const pose::Frame frame = connection.frame();
        end_connection(t, connection, end, frame);
        client.expect_ended();
        t.expect(client.stop()).returns(0);
    }
}

void hostile_answers(Trial &t) {
    auto [seed, host, client] = Ready(t);
    for (const WrongAnswer &wrong : wrong_answers(t)) {
        PoseConnection connection = client.connect(host);
        connection.frame();
        send_wrong(t, connection, wrong);
        client.expect_ended();
        t.expect(client.stop()).returns(0);
    }
}

void slow_server(Trial &t) {
    auto [seed, host, client, connection, watcher] =
        Offload(t, {.width = usual_width, .height = usual_height, .rate = 100});
    connection.hold_little();
    t.expect(t.process().sleep(1s)).returns(0);
    // Behind what the sockets and QEMU hold is a frame that had to wait.
    for (unsigned i = 0; i < buffers; ++i)
        watcher.next(connection);
    // Nobody reads: it comes to a stop within a frame, and stops all the same when told to.
    t.expect(t.process().sleep(1s)).returns(0);
    t.expect(client.stop()).returns(0);
    connection.expect_end(soon);
    PoseConnection another = client.connect(host);
    another.hold_little();
    t.expect(t.process().sleep(1s)).returns(0);
    t.expect(client.close()).returns(0);
    another.expect_end(soon);
}

void camera_gone(Trial &t) {
    auto [seed, host, client, connection, watcher] = Offload(t);
    connection.frame();
    unplug(t);
    connection.expect_end(soon);
    client.expect_ended();
}

void takes_buffers_away(Trial &t) {
    auto [seed, host, client, connection, watcher] = Offload(t);
    connection.frame();
    t.expect(client.camera.stream(false)).returns(0);
    connection.expect_end(soon);
    client.expect_ended();
}

void client_offloads(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    t.load(module);
    PoseHost host(t);
    Program program(t, Program::small_size + "--offload " + host.address());
    for (int round = 0; round < 2; ++round) {
        PoseConnection connection = host.accept();
        Watcher watcher(t, seed, small);
        for (int i = 0; i < 4; ++i)
            expect_shown(program, host, connection, watcher.next(connection));
    }
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, small);
    watcher.next(connection);
    program.send(SIGINT);
    connection.expect_end(soon);
    program.expect_exit(0);
    t.unload(module);
}

void failed_init(Trial &t) {
    t.pass_over_allocations();
    constexpr unsigned depth = 8;
    t.expect_clean_failure_of_each_allocation(module, {}, depth);
    t.expect_nothing_left();
}

}  // namespace klass::stages::camera
