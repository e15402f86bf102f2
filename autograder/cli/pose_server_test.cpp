// SPDX-License-Identifier: Apache-2.0
// `klass pose-server` as a user has it: the program, its signals, its files.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/run_klass.h"
#include "cli/server_process.h"
#include "pose/figure.h"
#include "pose/movenet_test_data.h"
#include "pose/picture.h"
#include "pose/wire.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/scoped_fd.h"
#include "util/temporary_folder.h"

namespace klass {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

ScopedFd connected_to(const fs::path &path) {
    ScopedFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    if (connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        throw GraderFault("cannot connect");
    return fd;
}

void send_all(int fd, const Bytes &bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t count = send(fd, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
        ASSERT_GT(count, 0);
        at += static_cast<std::size_t>(count);
    }
}

pose::Answer answer_from(int fd) {
    pose::AnswerReader reader;
    while (true) {
        const auto room = reader.room();
        const ssize_t count = recv(fd, room.data(), room.size(), 0);
        if (count <= 0)
            throw GraderFault("no answer");
        if (auto answer = reader.filled(static_cast<std::size_t>(count)))
            return *answer;
    }
}

class PoseServerTest : public testing::Test {
  protected:
    TemporaryFolder folder{"pose-server-test"};
    const std::string socket = (folder.path() / "socket").string();
    const std::string metrics = (folder.path() / "metrics").string();

    [[nodiscard]] std::vector<nlohmann::json> metrics_lines() const {
        std::istringstream lines(read_file(metrics));
        std::vector<nlohmann::json> all;
        for (std::string line; std::getline(lines, line);)
            all.push_back(nlohmann::json::parse(line));
        return all;
    }
};

TEST_F(PoseServerTest, FindsTheFigureAndSaysHowItWent) {
    ServerProcess server({"--unix", socket, "--metrics", metrics, "--threads", "2"});
    EXPECT_THAT(server.read_until("figure.onnx\n"),
                HasSubstr("pose server at " + socket + ", 2 threads, model "));
    const ScopedFd client = connected_to(socket);
    for (std::uint32_t sequence = 0; sequence < 3; ++sequence) {
        send_all(client.get(), to_wire(pose::figure_frame(11, sequence, 320, 180)));
        const pose::Answer answer = answer_from(client.get());
        EXPECT_EQ(answer.sequence, sequence);
        const pose::Keypoints truth = pose::figure_joints(11, sequence);
        for (std::size_t joint = 0; joint < truth.size(); ++joint) {
            EXPECT_NEAR(answer.keypoints[joint].x, truth[joint].x, 0.02);
            EXPECT_NEAR(answer.keypoints[joint].y, truth[joint].y, 0.02);
            EXPECT_GT(answer.keypoints[joint].score, 0.5);
        }
    }
    server.signal(SIGUSR1);
    const std::string table = server.read_until("1 client");
    EXPECT_THAT(table, HasSubstr("received"));
    EXPECT_THAT(table, HasSubstr("p99 ms"));
    server.signal(SIGTERM);
    EXPECT_THAT(server.read_until("all "), HasSubstr("is closed: the server ends"));
    EXPECT_EQ(server.wait(), 0);
    EXPECT_FALSE(fs::exists(socket));

    // The client and all at SIGUSR1, and both again at the end.
    const auto lines = metrics_lines();
    ASSERT_EQ(lines.size(), 4U);
    for (const auto &line : lines) {
        EXPECT_EQ(line["received"], 3);
        EXPECT_EQ(line["answered"], 3);
        EXPECT_GT(line["p50_ms"], 0);
    }
    EXPECT_EQ(lines[1]["client"], 0);
    EXPECT_EQ(lines[2]["ended"], "is closed: the server ends");
}

using MoveNetServerTest = pose::MoveNetTest;

TEST_F(MoveNetServerTest, FindsWhoIsInAPhotograph) {
    const TemporaryFolder place("pose-server-test");
    const std::string socket = (place.path() / "socket").string();
    ServerProcess server({"--unix", socket, "--model", model.string()});
    server.read_until("movenet_lightning.onnx\n");
    const ScopedFd client = connected_to(socket);
    const pose::Frame frame = photograph();
    send_all(client.get(), to_wire(frame));
    const pose::Answer answer = answer_from(client.get());
    const pose::Keypoints wanted = joints_of("pose.jpg");
    // The network's square has the longer side, and the frame in its middle.
    const double side = std::max(frame.width, frame.height);
    const auto in_frame = [&](double fraction, unsigned length) {
        return (fraction * side - (side - length) / 2) / length;
    };
    for (std::size_t joint = 0; joint < wanted.size(); ++joint) {
        ASSERT_GT(wanted[joint].score, threshold) << joint;
        EXPECT_NEAR(answer.keypoints[joint].y, in_frame(wanted[joint].y, frame.height), 0.001);
        EXPECT_NEAR(answer.keypoints[joint].x, in_frame(wanted[joint].x, frame.width), 0.001);
        EXPECT_NEAR(answer.keypoints[joint].score, wanted[joint].score, 0.001);
    }
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
}

TEST_F(PoseServerTest, InterruptEndsItThoughAClientIsInTheMiddleOfAFrame) {
    ServerProcess server({"--listen", "127.0.0.1:0"});
    const std::uint16_t port = server.read_port();
    const ScopedFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    ASSERT_EQ(connect(client.get(), reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    Bytes half = to_wire(pose::figure_frame(1, 1, 320, 180));
    half.resize(half.size() / 2);
    send_all(client.get(), half);
    server.read_until("client 1 (127.0.0.1:");
    server.signal(SIGINT);
    EXPECT_THAT(server.read_until("all "), HasSubstr("the server ends. 0 frames"));
    EXPECT_EQ(server.wait(), 0);
}

TEST_F(PoseServerTest, ShowsAFrame) {
    const std::string file = (folder.path() / "pose.png").string();
    const Outcome outcome =
        klass({"pose-server", "--show", "7:100", "--size", "640x360", "--output", file});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr("right ankle"));
    EXPECT_EQ(pose::read_png(file).size(), cv::Size(1280, 720));
    // A picture of one's own goes the same way.
    const std::string again = (folder.path() / "again.png").string();
    EXPECT_EQ(klass({"pose-server", "--show", file, "--output", again}).exit_code, 0);
    EXPECT_EQ(pose::read_png(again).size(), cv::Size(1280, 720));
}

TEST_F(PoseServerTest, MistakesOfTheCallerAreNamed) {
    const auto expect_usage = [](std::vector<std::string> words, const char *why) {
        words.insert(words.begin(), "pose-server");
        const Outcome outcome = klass(words);
        EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
        EXPECT_THAT(outcome.output, HasSubstr(why));
    };
    const std::string bad = (folder.path() / "bad.onnx").string();
    write_file_atomically(bad, "nonsense");
    expect_usage({"--model", "none.onnx"}, "there is no model none.onnx");
    expect_usage({"--model", bad}, "is no pose network");
    for (const char *address : {"nowhere", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:7x", ":1"})
        expect_usage({"--listen", address}, "is no address with a port");
    expect_usage({"--listen", "127.0.0.1:1", "--unix", socket}, "excludes");
    expect_usage({"--threads", "0"}, "--threads");
    expect_usage({"--show", "7"}, "is neither SEED:SEQUENCE nor a PNG file");
    expect_usage({"--show", "7:8", "--size", "161x120"}, "is no size of a frame");
    expect_usage({"--show", "none.png"}, "cannot read none.png");
    expect_usage({"--unix", socket, "--metrics", "/none/metrics"}, "cannot write");
    write_file_atomically(socket, "a file");
    expect_usage({"--unix", socket}, "is there, and no socket");
}

// klass itself grades where OpenCV is not installed.
TEST_F(PoseServerTest, KlassItselfHasNoOpenCv) {
    const Outcome libraries = run({.argv = {"ldd", program}, .timeout = std::chrono::minutes{1}});
    ASSERT_TRUE(libraries.ok()) << libraries.output;
    EXPECT_THAT(libraries.output, testing::Not(HasSubstr("opencv")));
    // Where there is no server beside it, it says what to do.
    fs::copy_file(program, folder.path() / "klass");
    const Outcome lonely = run({.argv = {(folder.path() / "klass").string(), "pose-server"},
                                .timeout = std::chrono::minutes{1}});
    EXPECT_EQ(lonely.exit_code, 2);
    EXPECT_THAT(lonely.output, HasSubstr("built without its pose server"));
}

}  // namespace
}  // namespace klass
