// SPDX-License-Identifier: Apache-2.0
// klass-pose-server: what `klass pose-server` becomes.
#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <optional>

#include "cli/exit_status.h"
#include "cli/pose_server_options.h"
#include "pose/figure.h"
#include "pose/joints.h"
#include "pose/network.h"
#include "pose/picture.h"
#include "pose/server.h"
#include "util/error.h"
#include "util/paths.h"
#include "util/subprocess.h"

namespace klass::cli {

namespace {

namespace fs = std::filesystem;

/** Clients that went and still have a line in the last table. */
constexpr std::size_t most_in_table = 50;

void say(const std::string &line) {
    fmt::print(stderr, "klass: {}\n", line);
}

/** "A<separator>B", two numbers and nothing else. */
template <class Number>
std::optional<std::pair<Number, Number>> two_numbers(const std::string &text, char separator) {
    Number first = 0;
    Number second = 0;
    const char *const end = text.data() + text.size();
    const auto begin = std::from_chars(text.data(), end, first);
    if (begin.ec != std::errc() || begin.ptr == end || *begin.ptr != separator)
        return std::nullopt;
    const auto rest = std::from_chars(begin.ptr + 1, end, second);
    if (rest.ec != std::errc() || rest.ptr != end)
        return std::nullopt;
    return std::pair{first, second};
}

// --- one picture

pose::Frame frame_to_show(const PoseServerOptions &options) {
    if (options.show.ends_with(".png"))
        return pose::frame_of(pose::read_png(options.show));
    const auto which = two_numbers<std::uint32_t>(options.show, ':');
    if (!which)
        throw UsageError(options.show + " is neither SEED:SEQUENCE nor a PNG file",
                         "--show 7:100 is frame 100 of the stream with the seed 7");
    const auto size = two_numbers<unsigned>(options.size, 'x');
    // What the figure is drawn for: kmod/vcam/figure.h.
    if (!size || size->first < 160 || size->first > 1280 || size->second < 120 ||
        size->second > 720 || size->first % 2 != 0)
        throw UsageError(options.size + " is no size of a frame of the virtual camera",
                         "it goes from 160x120 to 1280x720, with an even width");
    return pose::figure_frame(which->first, which->second, size->first, size->second);
}

void show(const PoseServerOptions &options, pose::Network &network) {
    const pose::Frame frame = frame_to_show(options);
    const pose::Keypoints keypoints = network.estimate(frame);
    pose::write_png(options.output, pose::drawn(pose::bgr_of(frame), keypoints));
    fmt::print("{:<16} {:>6} {:>6} {:>6}\n", "joint", "x", "y", "score");
    for (std::size_t joint = 0; joint < keypoints.size(); ++joint)
        fmt::print("{:<16} {:>6.3f} {:>6.3f} {:>6.2f}\n", pose::joints.at(joint).name,
                   keypoints.at(joint).x, keypoints.at(joint).y, keypoints.at(joint).score);
}

// --- the server

/** Figures for people, on standard error, and for programs, in a file. */
class Figures {
  public:
    explicit Figures(const std::string &file) {
        if (file.empty())
            return;
        file_.open(file, std::ios::app);
        if (!file_)
            throw UsageError(fmt::format("cannot write {}: {}", file, errno_text(errno)));
    }
    void client_went(const pose::ClientMetrics &client) {
        write(client);
        gone_.push_back(client);
        if (gone_.size() > most_in_table)
            gone_.pop_front();
    }
    void report(const pose::Server &server) {
        std::vector<pose::ClientMetrics> clients(gone_.begin(), gone_.end());
        for (pose::ClientMetrics &client : server.connected()) {
            write(client);
            clients.push_back(std::move(client));
        }
        write(server.total());
        fmt::print(stderr, "{}", pose::as_table(clients, server.total()));
    }

  private:
    void write(const pose::ClientMetrics &client) {
        if (file_.is_open())
            file_ << pose::as_json_line(client) << std::flush;
    }

    std::ofstream file_;
    std::deque<pose::ClientMetrics> gone_;
};

/** SIGUSR1 as a descriptor; to be made before any thread. */
ScopedFd report_signal() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    if (pthread_sigmask(SIG_BLOCK, &signals, nullptr) != 0)
        throw GraderFault("cannot block a signal");
    ScopedFd fd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd.valid())
        throw GraderFault("signalfd: " + errno_text(errno));
    return fd;
}

void serve(const PoseServerOptions &options, const fs::path &model,
           std::vector<std::unique_ptr<pose::Estimator>> networks, int report_fd) {
    Figures figures(options.metrics);
    pose::ServerSettings settings{.queue = options.queue, .log = say};
    settings.on_end = [&](const pose::ClientMetrics &client) { figures.client_went(client); };
    pose::Server server(options.unix_path.empty() ? pose::Listener::tcp(options.listen)
                                                  : pose::Listener::unix_socket(options.unix_path),
                        std::move(networks), std::move(settings));
    server.watch(interrupt_fd(), [&] { server.stop(); });
    server.watch(report_fd, [&] {
        signalfd_siginfo info{};
        while (read(report_fd, &info, sizeof info) > 0)
            figures.report(server);
    });
    say(fmt::format("pose server at {}, {} thread{}, model {}", server.where(), options.threads,
                    options.threads == 1 ? "" : "s", model.string()));
    server.run();
    figures.report(server);
}

int run(int argc, char **argv) {
    CLI::App app{"Find people in a camera's frames: the other end of stage 07's connection"};
    app.name("klass pose-server");
    PoseServerOptions options;
    describe_pose_server(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(ExitStatus::usage);
    }
    const ScopedFd report_fd = report_signal();
    const fs::path model = options.model.empty() ? Paths::from_environment().course /
                                                       "autograder/pose/network/figure.onnx"
                                                 : fs::path(options.model);
    if (!options.show.empty()) {
        pose::Network network(model);
        show(options, network);
        return 0;
    }
    std::vector<std::unique_ptr<pose::Estimator>> networks;
    for (unsigned i = 0; i < options.threads; ++i)
        networks.push_back(std::make_unique<pose::Network>(model));
    serve(options, model, std::move(networks), report_fd.get());
    return 0;
}

}  // namespace

}  // namespace klass::cli

int main(int argc, char **argv) {
    return klass::cli::exit_status_of("the pose server failed: ",
                                      [&] { return klass::cli::run(argc, argv); });
}
