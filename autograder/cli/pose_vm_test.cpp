// SPDX-License-Identifier: Apache-2.0
// All of stage 07 at once: the virtual camera in a guest, the reference's client and module, and
// the real pose server, whose key points come back to the guest.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "cli/run_klass.h"
#include "cli/server_process.h"
#include "pose/figure.h"
#include "util/lines.h"

namespace klass {
namespace {

using testing::HasSubstr;

constexpr const char *reference = KLASS_SOURCE_DIR "/solutions/07-camera-offload";
constexpr std::uint32_t seed = 7;

/** How far the line's joints are from where the camera drew them: the mean, of the frame's side. */
double mean_error(std::string_view line) {
    std::istringstream words{std::string(line)};
    std::uint32_t sequence = 0;
    words >> sequence;
    double sum = 0;
    for (const pose::Keypoint &joint : pose::figure_joints(seed, sequence)) {
        double y = NAN;
        double x = NAN;
        double score = NAN;
        char comma = 0;
        words >> y >> comma >> x >> comma >> score;
        sum += std::hypot(y - joint.y, x - joint.x);
    }
    return words.fail() ? INFINITY : sum / CAMERA_OFFLOAD_KEYPOINTS;
}

void expect_joints(const std::string &output) {
    constexpr double most = 0.02;
    int results = 0;
    for_each_line(output, [&](std::string_view line) {
        // The kernel's log and the client's own words are among them.
        if (line.empty() || line[0] < '0' || line[0] > '9')
            return;
        ++results;
        EXPECT_LT(mean_error(line), most) << line;
    });
    EXPECT_GE(results, 3) << output;
}

std::string in_guest(std::uint16_t port, const std::string &command) {
    const Outcome outcome = klass(
        {"shell", reference, "--pose-port", std::to_string(port), "--run",
         fmt::format("echo {} > /sys/module/vcam/parameters/seed; {} 2>/dev/null", seed, command)});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    return outcome.output;
}

TEST(PoseVm, ClientShowsWhereTheServerSeesTheJoints) {
    ServerProcess server({"--listen", "127.0.0.1:0"});
    const std::uint16_t port = server.read_port();
    expect_joints(in_guest(port, "./camera_client --frames 5 10.0.2.2:7707"));
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
}

TEST(PoseVm, ModuleBringsWhereTheServerSeesTheJoints) {
    ServerProcess server({"--listen", "127.0.0.1:0"});
    const std::uint16_t port = server.read_port();
    expect_joints(in_guest(port,
                           "insmod camera_offload.ko; "
                           "timeout -s INT 3 ./camera_client --offload 10.0.2.2:7707 || true"));
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
}

TEST(PoseVm, ClientSaysThatNobodyIsThere) {
    // A port that was just given back.
    std::uint16_t port = 0;
    {
        ServerProcess server({"--listen", "127.0.0.1:0"});
        port = server.read_port();
    }
    const Outcome outcome = klass({"shell", reference, "--pose-port", std::to_string(port), "--run",
                                   "timeout -s INT 2 ./camera_client 10.0.2.2:7707 2>&1"});
    EXPECT_THAT(outcome.output, HasSubstr("trying again"));
}

}  // namespace
}  // namespace klass
