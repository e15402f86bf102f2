// SPDX-License-Identifier: Apache-2.0
// All of stage 07 at once: the virtual camera in a guest, the reference's client and module, and
// the real pose server, whose key points come back to the guest.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <sstream>
#include <thread>

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

/** The kernel's log and the client's own words are among them. */
std::vector<std::string> results_in(const std::string &output) {
    std::vector<std::string> results = lines_of(output);
    std::erase_if(results,
                  [](const auto &line) { return line.empty() || line[0] < '0' || line[0] > '9'; });
    return results;
}

void expect_joints(const std::string &output) {
    constexpr double most = 0.02;
    const auto results = results_in(output);
    for (const std::string &line : results)
        EXPECT_LT(mean_error(line), most) << line;
    EXPECT_GE(results.size(), 3U) << output;
}

std::uint32_t last_sequence(const std::string &output) {
    const auto results = results_in(output);
    return results.empty() ? 0 : static_cast<std::uint32_t>(std::stoul(results.back()));
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

TEST(PoseVm, ClientFindsAServerThatIsBackAfterAMinute) {
    ServerProcess first({"--listen", "127.0.0.1:0"});
    const std::uint16_t port = first.read_port();
    std::string output;
    std::thread guest(
        [&] { output = in_guest(port, "./camera_client --frames 200 10.0.2.2:7707"); });
    first.read_until("client 1 (");
    first.signal(SIGKILL);
    first.wait();
    std::this_thread::sleep_for(std::chrono::minutes(1));
    ServerProcess second({"--listen", fmt::format("127.0.0.1:{}", port)});
    EXPECT_EQ(second.read_port(), port);
    guest.join();
    expect_joints(output);
    // Frames were taken, and lost, in all this time: of 30 a second far more than half a minute's.
    EXPECT_GT(last_sequence(output), 1000U) << output;
    second.signal(SIGTERM);
    EXPECT_EQ(second.wait(), 0);
}

}  // namespace
}  // namespace klass
