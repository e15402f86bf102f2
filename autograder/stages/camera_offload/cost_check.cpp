// SPDX-License-Identifier: Apache-2.0
// What a frame costs, by the client and by the kernel.
#include <fmt/format.h>

#include <array>
#include <csignal>
#include <numeric>

#include "stages/camera_offload/checks.h"
#include "stages/camera_offload/frames.h"
#include "stages/camera_offload/offload.h"
#include "stages/camera_offload/program.h"
#include "util/lines.h"

namespace klass::stages::camera {

using judge::PoseConnection;
using judge::PoseHost;
using judge::Trial;

namespace {

// On the machine that counts instructions, each takes two nanoseconds.
constexpr double ns_per_instruction = 2;
constexpr std::array<std::pair<unsigned, unsigned>, 3> measured_sizes = {
    {{160, 120}, {320, 180}, {320, 240}}};

constexpr unsigned measured_rate = 60;
// More than a machine can draw that takes two nanoseconds for an instruction.
constexpr unsigned too_high_rate = 100'000;

/** What /proc/timer_list says, in nanoseconds of the guest's monotonic clock. */
struct Moment {
    double now = 0;
    double busy = 0;  ///< for how long the processor was, so far
};

Moment this_moment(Trial &t) {
    const std::string text = t.read_text("/proc/timer_list");
    const double now = number_after(text, "now at ");
    const double idle = number_after(text, ".idle_sleeptime :");
    t.expect_that(idle > 0, "/proc/timer_list says how long the processor was idle", "it does not");
    return {.now = now, .busy = now - idle};
}

/**
 * Instructions that the whole machine spends on a frame, all that belongs to it included. Which
 * frames were taken in the time that is measured, they say themselves: when they come here depends
 * on how busy the host is.
 */
double instructions_a_frame(Trial &t, PoseHost &host, PoseConnection &connection) {
    constexpr int warm = 10;
    constexpr int measured = 45;
    int taken = 0;
    const auto take = [&] {
        t.expect_that(++taken < 10 * measured,
                      "the header of a frame says when the camera took it: timestamp_ns",
                      "no frame is of the time in which it came");
        const pose::Frame frame = connection.frame();
        connection.answer(frame, host.random_keypoints());
        return static_cast<double>(frame.timestamp_ns);
    };
    for (int i = 0; i < warm; ++i)
        take();
    const Moment begin = this_moment(t);
    int frames = 0;
    while (frames < measured)
        frames += take() > begin.now ? 1 : 0;
    const Moment end = this_moment(t);
    while (take() <= end.now)
        ++frames;
    return (end.busy - begin.busy) / ns_per_instruction / frames;
}

/**
 * Frames a second of the guest's that come when the camera takes more than anybody can carry, by
 * what they say of themselves.
 */
double most_frames_a_second(Trial &t, PoseHost &host, PoseConnection &connection) {
    constexpr int measured = 80;
    const auto take = [&] {
        const pose::Frame frame = connection.frame();
        connection.answer(frame, host.random_keypoints());
        return static_cast<double>(frame.timestamp_ns);
    };
    // The first have been waiting for the connection, and the next for the first.
    for (unsigned i = 0; i < 2 * buffers; ++i)
        take();
    const double begin = take();
    double end = begin;
    for (int i = 0; i < measured; ++i)
        end = take();
    t.expect_that(end > begin, "the header of a frame says when the camera took it: timestamp_ns",
                  "later frames are not later");
    constexpr double ns_per_second = 1e9;
    return measured * ns_per_second / (end - begin);
}

double sum_of(const std::vector<double> &values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

using Measure = double(Trial &, PoseHost &, PoseConnection &);

/** One figure for each size, by the client and by the kernel, from the same pictures. */
std::array<judge::Curve, 2> by_both(Trial &t, PoseHost &host, unsigned rate, Measure measure) {
    judge::Curve by_client{.name = "client"};
    judge::Curve by_kernel{.name = "offload"};
    for (const auto &[width, height] : measured_sizes) {
        {
            Program program(
                t, fmt::format("--rate {} --size {}x{} {}", rate, width, height, host.address()));
            PoseConnection connection = host.accept();
            by_client.values.push_back(measure(t, host, connection));
            program.send(SIGTERM);
            connection.expect_end(soon);
            program.expect_exit(0);
        }
        Client client(t, {.width = width, .height = height, .rate = rate});
        PoseConnection connection = client.connect(host);
        by_kernel.values.push_back(measure(t, host, connection));
        t.expect(client.close()).returns(0);
        t.expect(client.camera.file().close()).returns(0);
    }
    return {by_client, by_kernel};
}

}  // namespace

void cost(Trial &t) {
    choose_pictures(t);
    t.load(module);
    PoseHost host(t);
    std::vector<double> bytes;
    for (const auto &[width, height] : measured_sizes)
        bytes.push_back(2.0 * width * height);
    const auto instructions = by_both(t, host, measured_rate, instructions_a_frame);
    t.table({.title = "What a frame costs, by the client and by the kernel",
             .x_axis = "bytes",
             .unit = "instructions",
             .x = bytes,
             .curves = {instructions.begin(), instructions.end()}});
    const auto rates = by_both(t, host, too_high_rate, most_frames_a_second);
    t.table({.title = "What they carry at most",
             .x_axis = "bytes",
             .unit = "frames a second",
             .x = bytes,
             .curves = {rates.begin(), rates.end()}});
    // Of one size, what is saved is some three times the noise: all of them together tell.
    const double client = sum_of(instructions[0].values);
    const double kernel = sum_of(instructions[1].values);
    t.expect_that(
        kernel < client, "a frame of each size, all together, costs less through the kernel",
        fmt::format("they cost {:.0f} instructions by the client, and {:.0f} so", client, kernel));
}

}  // namespace klass::stages::camera
