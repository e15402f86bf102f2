// SPDX-License-Identifier: Apache-2.0
// Part A: what the student's client must do.
#include <fcntl.h>
#include <fmt/format.h>

#include <csignal>

#include "guest/camera.h"
#include "pose/figure.h"
#include "pose/joints.h"
#include "pose/png.h"
#include "stages/camera_offload/checks.h"
#include "stages/camera_offload/frames.h"
#include "stages/camera_offload/program.h"
#include "stages/camera_offload/server.h"

namespace klass::stages::camera {

using namespace std::chrono_literals;
using judge::PoseConnection;
using judge::PoseHost;
using judge::Trial;

namespace {

/** A frame as it came here, and the key points that the client printed for it. */
judge::Picture picture_of(const pose::Frame &frame, const pose::Keypoints &keypoints) {
    // Nose, eyes and ears: names would stand upon each other.
    constexpr std::size_t face = 5;
    judge::Picture picture{
        .title = fmt::format("Frame {} as the server got it, and its key points as the client "
                             "printed them",
                             frame.sequence),
        .width = frame.width,
        .height = frame.height,
        .png = pose::png_of(frame),
        .marks = {}};
    for (std::size_t joint = 0; joint < keypoints.size(); ++joint)
        picture.marks.push_back({.x = keypoints.at(joint).x,
                                 .y = keypoints.at(joint).y,
                                 .label = joint < face ? "" : pose::joints.at(joint).name,
                                 .towards = pose::joints.at(joint).towards});
    return picture;
}

}  // namespace

void client_sends(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    Program program(t, host.address());
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, usual);
    for (int i = 0; i < 20; ++i)
        connection.answer(watcher.next(connection), host.random_keypoints());
    t.note("20 frames come, each as the camera showed it");
}

void client_negotiates(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    // The camera has no such size: 160x120 is next to it.
    Program program(t, "--size 170x100 --rate 10 " + host.address());
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, small);
    for (int i = 0; i < 3; ++i)
        watcher.next(connection);
    // What the frames say of it depends on how busy the host is.
    guest::Camera camera(t.open(camera_node, O_RDWR));
    t.expect(camera.ask_rate()).returns(0);
    t.expect_that(camera.rate() == 10, "the camera runs at 10 frames a second",
                  fmt::format("it runs at {}", camera.rate()));
}

void client_shows(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    Program program(t, Program::small_size + host.address());
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, small);
    for (int i = 0; i < 3; ++i)
        expect_shown(program, host, connection, watcher.next(connection));
    const pose::Frame frame = watcher.next(connection);
    const pose::Keypoints joints = pose::figure_joints(seed, frame.sequence);
    connection.answer(frame, joints);
    program.expect_result(frame, joints);
    t.picture(picture_of(frame, joints));
}

void client_drops_late(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    Program program(t, Program::small_size + host.address());
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, small);
    const pose::Frame first = watcher.next(connection);
    const pose::Frame second = watcher.next(connection);
    const pose::Frame third = watcher.next(connection);
    const pose::Keypoints of_second = host.random_keypoints();
    const pose::Keypoints of_third = host.random_keypoints();
    connection.answer(second, of_second);
    connection.answer(first, host.random_keypoints());
    connection.answer(second, host.random_keypoints());
    connection.answer(third, of_third);
    program.expect_result(second, of_second);
    program.expect_result(third, of_third);
    for (const pose::Frame &frame : once_round(third))
        expect_shown(program, host, connection, frame);
}

void client_takes_pieces(Trial &t) {
    choose_pictures(t);
    PoseHost host(t);
    Program program(t, Program::small_size + host.address());
    PoseConnection connection = host.accept();
    const pose::Frame frame = connection.frame();
    const pose::Keypoints keypoints = host.random_keypoints();
    send_in_pieces(t, connection, frame, keypoints);
    program.expect_result(frame, keypoints);
}

void client_waits_for_server(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    host.leave();
    Program program(t, Program::small_size + host.address());
    t.expect(t.process().sleep(1500ms)).returns(0);
    program.expect_running();
    host.come_back();
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, small);
    watcher.next(connection);
    host.leave();
    connection.reset();
    t.expect(t.process().sleep(700ms)).returns(0);
    program.expect_running();
    program.send(SIGINT);
    program.expect_exit(0);
}

void client_survives_server(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    Program program(t, Program::small_size + host.address());
    for (const ServerEnd end : all_ends) {
        PoseConnection connection = host.accept();
        // The client may have opened its camera anew, which then counts from 0 again.
        Watcher watcher(t, seed, small);
        const pose::Frame frame = watcher.next(connection);
        expect_shown(program, host, connection, frame);
        end_connection(t, connection, end, frame);
    }
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, small);
    watcher.next(connection);
    program.expect_running();
}

void client_refuses_answers(Trial &t) {
    choose_pictures(t);
    PoseHost host(t);
    Program program(t, Program::small_size + host.address());
    for (const WrongAnswer &wrong : wrong_answers(t)) {
        PoseConnection connection = host.accept();
        const pose::Frame frame = connection.frame();
        expect_shown(program, host, connection, frame);
        send_wrong(t, connection, wrong);
    }
    PoseConnection connection = host.accept();
    expect_shown(program, host, connection, connection.frame());
}

void client_waits_for_room(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    Program program(t, "--rate 100 " + host.address());
    PoseConnection connection = host.accept();
    connection.hold_little();
    t.expect(t.process().sleep(1s)).returns(0);
    Watcher watcher(t, seed, usual);
    // Behind what the sockets and QEMU hold is a frame that had to wait.
    for (unsigned i = 0; i < buffers; ++i)
        watcher.next(connection);
    t.note("the server reads no more");
    t.expect(t.process().sleep(1s)).returns(0);
    program.send(SIGTERM);
    program.expect_exit(0);
}

void client_counts(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    Program program(t, Program::small_size + "--frames 7 " + host.address());
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, small);
    std::vector<pose::Frame> frames;
    for (int i = 0; i < 7; ++i)
        frames.push_back(watcher.next(connection));
    // Those that are still to be answered are answered, after the last frame.
    for (const pose::Frame &frame : frames)
        expect_shown(program, host, connection, frame);
    connection.expect_end(soon);
    connection.close();
    program.expect_exit(0);
}

void client_without_camera(Trial &t) {
    choose_pictures(t);
    PoseHost host(t);
    {
        Program program(t, host.address());
        PoseConnection connection = host.accept();
        connection.frame();
        unplug(t);
        connection.expect_end(soon);
        program.expect_exit(1);
    }
    Program program(t, host.address());
    program.expect_exit(1);
    Program called_wrongly(t, "10.0.2.2");
    called_wrongly.expect_exit(2);
}

void client_keeps_up(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    Program program(t, host.address());
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, usual);
    expect_no_frame_lost(t, host, connection, watcher);
}

}  // namespace klass::stages::camera
