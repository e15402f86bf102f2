// SPDX-License-Identifier: Apache-2.0
#include "judge/pose_host.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "guest/interface.h"
#include "util/error.h"

namespace klass::judge {

namespace {

using namespace std::chrono_literals;

constexpr const char *interface_name = "eth0";
constexpr auto frame_patience = 5s;
constexpr auto connection_patience = 5s;
// How long we look before the guest's clock is asked again.
constexpr auto glance = 100ms;

bool readable(int socket) {
    pollfd waited{socket, POLLIN, 0};
    return poll(&waited, 1, static_cast<int>(glance / 1ms)) == 1;
}

void bring_up(Trial &trial) {
    guest::Interface interface(
        trial.process().as_file(
            trial.expect(trial.process().socket(AF_INET, SOCK_DGRAM, 0)).succeeds().observation(),
            interface_name),
        interface_name);
    trial.expect(interface.set_address(vm::OwnNetwork::guest_address)).returns(0);
    trial.expect(interface.set_netmask()).returns(0);
    trial.expect(interface.set_up(true)).returns(0);
}

}  // namespace

PoseConnection::PoseConnection(Trial &trial, ScopedFd socket)
    : trial_(trial), socket_(std::move(socket)) {
    // Who takes no answers shall not hold us up.
    const timeval patience{10, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

bool PoseConnection::readable_within(std::chrono::milliseconds patience) {
    return trial_.comes_true([&] { return readable(socket_.get()); }, patience);
}

std::optional<pose::Frame> PoseConnection::frame_within(std::chrono::milliseconds patience) {
    for (;;) {
        if (!readable_within(patience))
            return std::nullopt;
        const std::span<std::uint8_t> room = reader_->room();
        const ssize_t got = recv(socket_.get(), room.data(), room.size(), 0);
        trial_.expect_that(got > 0, fmt::format("frames come; {} did", frames_),
                           got == 0
                               ? "the guest closes the connection"
                               : fmt::format("the connection breaks: {}", std::strerror(errno)));
        try {
            if (auto frame = reader_->filled(static_cast<std::size_t>(got))) {
                ++frames_;
                return frame;
            }
        } catch (const pose::WireError &error) {
            trial_.expect_that(false,
                               fmt::format("frame {} is as camera_offload_wire.h says", frames_),
                               error.what());
        }
    }
}

pose::Frame PoseConnection::frame() {
    auto frame = frame_within(frame_patience);
    trial_.expect_that(frame.has_value(), fmt::format("frames come; {} did", frames_),
                       "no more comes");
    return std::move(*frame);
}

void PoseConnection::expect_bytes(std::size_t count) {
    Bytes bytes(64 << 10);
    while (count > 0) {
        trial_.expect_that(readable_within(frame_patience), "frames come", "nothing comes");
        const ssize_t got = recv(socket_.get(), bytes.data(), std::min(count, bytes.size()), 0);
        trial_.expect_that(got > 0, "frames come", "the guest closes the connection");
        count -= static_cast<std::size_t>(got);
    }
}

void PoseConnection::expect_end(std::chrono::milliseconds patience) {
    Bytes bytes(64 << 10);
    // A piece at a time: what does not end may send for ever.
    const auto ended = [&] {
        return readable(socket_.get()) && recv(socket_.get(), bytes.data(), bytes.size(), 0) <= 0;
    };
    trial_.expect_that(trial_.comes_true(ended, patience),
                       fmt::format("the guest closes the connection within {} s",
                                   std::chrono::duration<double>(patience).count()),
                       "it stays open");
    trial_.note("the guest closes the connection");
}

void PoseConnection::send(const Bytes &bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const ssize_t some =
            ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        trial_.expect_that(some > 0, "the guest takes what the server sends",
                           "it has closed the connection, or reads nothing");
        sent += static_cast<std::size_t>(some);
    }
}

void PoseConnection::answer(const pose::Frame &frame, const pose::Keypoints &keypoints) {
    send(pose::to_wire(pose::Answer{
        .sequence = frame.sequence, .timestamp_ns = frame.timestamp_ns, .keypoints = keypoints}));
}

void PoseConnection::hold_little() {
    const int bytes = 32 << 10;
    if (setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) != 0)
        throw GraderFault(fmt::format("cannot set SO_RCVBUF: {}", std::strerror(errno)));
}

void PoseConnection::reset() {
    const linger at_once{1, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket_.reset();
}

PoseHost::PoseHost(Trial &trial)
    : trial_(trial),
      network_(trial.guest().machine().own_network()),
      listener_(network_.listen(0)),
      port_(vm::port_of(listener_.get())) {
    bring_up(trial);
    connect_once();
}

// What the kernel remembers of a neighbour and of a connection to it, it allocates with the first
// one: that is not to look as if it were a module's.
void PoseHost::connect_once() {
    guest::File socket = trial_.process().as_file(
        trial_.expect(trial_.process().socket(AF_INET, SOCK_STREAM, 0)).succeeds().observation(),
        "a TCP socket");
    trial_
        .expect(
            socket.connect(guest::socket_address(vm::OwnNetwork::host_address, port_), address()))
        .returns(0);
    accept().close();
    trial_.expect(socket.close()).returns(0);
}

std::string PoseHost::address() const {
    return fmt::format("{}:{}", vm::OwnNetwork::host_address, port_);
}

std::optional<PoseConnection> PoseHost::accept_within(std::chrono::milliseconds patience) {
    if (!trial_.comes_true([&] { return readable(listener_.get()); }, patience))
        return std::nullopt;
    ScopedFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket.valid())
        throw GraderFault(fmt::format("a guest's connection: {}", std::strerror(errno)));
    trial_.note("the guest connects to the pose server");
    return PoseConnection(trial_, std::move(socket));
}

PoseConnection PoseHost::accept() {
    auto connection = accept_within(connection_patience);
    trial_.expect_that(connection.has_value(), fmt::format("the guest connects to {}", address()),
                       "it does not");
    return std::move(*connection);
}

void PoseHost::come_back() {
    listener_ = network_.listen(port_);
}

pose::Keypoints PoseHost::random_keypoints() {
    pose::Keypoints keypoints;
    const auto fraction = [&] {
        return static_cast<float>(trial_.random().between(0, 1 << 20)) /
               static_cast<float>(1 << 20);
    };
    for (pose::Keypoint &keypoint : keypoints)
        keypoint = {.y = fraction(), .x = fraction(), .score = fraction()};
    return keypoints;
}

}  // namespace klass::judge
