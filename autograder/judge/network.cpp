// SPDX-License-Identifier: Apache-2.0
#include "judge/network.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>

namespace klass::judge {

namespace {

using namespace std::chrono_literals;

constexpr const char *interface_name = "eth0";
// Of a datagram in one frame: what Ethernet, IPv4 and UDP leave of 1,514 bytes.
constexpr std::size_t longest_datagram = 1472;
constexpr auto arrival_patience = 10s;
constexpr int rounds = 4;

std::string network_of(Random &random) {
    return fmt::format("10.{}.{}", random.between(1, 254), random.between(1, 254));
}

guest::File control_socket(Trial &trial) {
    return trial.process().as_file(
        trial.expect(trial.process().socket(AF_INET, SOCK_DGRAM, 0)).succeeds().observation(),
        interface_name);
}

}  // namespace

Network::Network(Trial &trial)
    : trial_(trial),
      host_(network_of(trial.random()) + ".1"),
      guest_(host_.substr(0, host_.size() - 1) + "2"),
      station_(trial.guest().machine().cable_fd(), host_),
      interface_(control_socket(trial), interface_name),
      next_port_(static_cast<std::uint16_t>(trial.random().between(2000, 30000))) {
    // Under a flood, on a busy host, an unload may take seconds.
    trial.guest().set_patience(20s);
}

void Network::up() {
    trial_.expect(interface_.set_address(guest_)).returns(0);
    trial_.expect(interface_.set_netmask()).returns(0);
    trial_.expect(interface_.set_up(true)).returns(0);
    const std::string carrier = fmt::format("/sys/class/net/{}/carrier", interface_name);
    const auto linked = [&] {
        if (trial_.read_text(carrier) == "1\n")
            return true;
        trial_.expect(trial_.process().sleep(10ms)).returns(0);
        return false;
    };
    trial_.expect_that(trial_.comes_true(linked, arrival_patience),
                       fmt::format("{} has a link: {} is 1", interface_name, carrier),
                       "it stays 0");
}

void Network::down() {
    trial_.expect(interface_.set_up(false)).returns(0);
}

guest::File Network::datagram_socket(guest::Process &process, std::uint16_t port) {
    guest::File socket = process.as_file(
        trial_.expect(process.socket(AF_INET, SOCK_DGRAM, 0)).succeeds().observation(),
        fmt::format("UDP {}", port));
    trial_.expect(socket.bind(guest::socket_address("0.0.0.0", port), fmt::format(":{}", port)))
        .returns(0);
    trial_
        .expect(
            socket.connect(guest::socket_address(host_, port), fmt::format("{}:{}", host_, port)))
        .returns(0);
    return socket;
}

// The shortest and the longest come for certain, the others by chance.
std::size_t Network::some_length() {
    return trial_.random().between(1, longest_datagram);
}

void Network::expect_traffic(const std::string &phase) {
    station_.start_capture();
    const auto keep = [&] {
        const wire::Capture capture = station_.capture();
        trial_.capture({.phase = phase, .frames = capture.frames(), .file = capture.file()});
    };
    try {
        guest::File socket = datagram_socket(trial_.process(), next_port_++);
        expect_path(socket);
        expect_from_guest(socket);
        expect_from_host(socket);
        expect_echo();
        trial_.expect(socket.close()).returns(0);
    } catch (...) {
        keep();
        throw;
    }
    keep();
}

void Network::expect_from_guest(guest::File &socket) {
    for (int round = 0; round < rounds; ++round) {
        const Bytes payload = trial_.random().bytes(round == 0   ? 1
                                                    : round == 1 ? longest_datagram
                                                                 : some_length());
        trial_.expect(socket.write(payload)).returns(static_cast<std::int64_t>(payload.size()));
        const auto copies = [&](const wire::Traffic &traffic) {
            return std::count_if(traffic.datagrams.begin(), traffic.datagrams.end(),
                                 [&](const auto &datagram) {
                                     return datagram.from == guest_ && datagram.payload == payload;
                                 });
        };
        const bool came =
            arrives([&](const wire::Traffic &traffic) { return copies(traffic) > 0; });
        trial_.expect_that(
            came,
            fmt::format("what the guest sends comes over the cable: a datagram of {} from {}",
                        count_of_bytes(payload.size()), guest_),
            fmt::format("{} frames came, and no such datagram", station_.traffic().frames));
    }
    trial_.note(fmt::format("the host sees {} datagrams on the cable", rounds));
}

void Network::expect_from_host(guest::File &socket) {
    for (int round = 0; round < rounds; ++round) {
        const Bytes payload = trial_.random().bytes(round == 0   ? longest_datagram
                                                    : round == 1 ? 1
                                                                 : some_length());
        const std::uint16_t port = static_cast<std::uint16_t>(next_port_ - 1);
        station_.send_datagram(guest_, {.from_port = port, .to_port = port, .payload = payload});
        trial_.note(fmt::format("the host sends a datagram of {}", count_of_bytes(payload.size())));
        // The guest's own clock runs on while the host is busy: it is asked again.
        const auto arrived = [&] { return socket.poll(POLLIN, 2000).result == POLLIN; };
        trial_.expect_that(trial_.comes_true(arrived, arrival_patience),
                           fmt::format("the datagram of {} that the host sent arrives",
                                       count_of_bytes(payload.size())),
                           "it does not");
        trial_.expect(socket.read(longest_datagram)).gives(payload);
    }
}

// In the first moments after a link has come up any driver loses frames: the card settles its
// speed, and the link may go once more. So one asks until there is an answer, as people do.
void Network::expect_path(guest::File &socket) {
    const Bytes word = trial_.random().bytes(16);
    const std::uint16_t sequence = next_echo_++;
    const auto seen = [&](const wire::Traffic &traffic) {
        return std::any_of(traffic.datagrams.begin(), traffic.datagrams.end(),
                           [&](const auto &datagram) { return datagram.payload == word; });
    };
    const auto answered = [&](const wire::Traffic &traffic) {
        return std::any_of(traffic.replies.begin(), traffic.replies.end(),
                           [&](const auto &reply) { return reply.sequence == sequence; });
    };
    const auto both_ways = [&] {
        socket.write(word);
        if (!station_.wait_until(seen, 200ms))
            return false;
        station_.ping(guest_, sequence, word);
        return station_.wait_until(answered, 200ms);
    };
    trial_.expect_that(trial_.comes_true(both_ways, arrival_patience),
                       fmt::format("once {} has a link, frames go both ways", interface_name),
                       fmt::format("{} frames came, and no answer", station_.traffic().frames));
}

bool Network::arrives(const std::function<bool(const wire::Traffic &)> &seen) {
    return trial_.comes_true([&] { return station_.wait_until(seen, 200ms); }, arrival_patience);
}

void Network::expect_echo() {
    const Bytes payload = trial_.random().bytes(some_length());
    const std::uint16_t sequence = next_echo_++;
    station_.ping(guest_, sequence, payload);
    const bool came = arrives([&](const wire::Traffic &traffic) {
        return std::any_of(traffic.replies.begin(), traffic.replies.end(), [&](const auto &reply) {
            return reply.sequence == sequence && reply.payload == payload;
        });
    });
    trial_.expect_that(came,
                       fmt::format("a ping of {} is answered", count_of_bytes(payload.size())),
                       "no answer came");
    trial_.note(fmt::format("the host pings {}: it answers", guest_));
}

void Network::flood() {
    guest::File socket = datagram_socket(trial_.process(), next_port_++);
    expect_path(socket);
    trial_.expect(socket.close()).returns(0);
    const Bytes payload = trial_.random().bytes(1000);
    // The seconds of a guest that the host leaves little time are longer.
    station_.flood(guest_, payload,
                   [clock = vm::PatienceClock(trial_.guest().machine().pid(), 5ms)]() mutable {
                       return clock.now();
                   });
    flooder_ = trial_.another_process();
    constexpr std::uint32_t for_ever = 1000000000;
    datagram_socket(*flooder_, next_port_++).start_writes(guest::Memory::of(payload), for_ever);
    trial_.note("host and guest send without a pause");
    const std::size_t seen = station_.traffic().frames;
    constexpr std::size_t enough = 50;
    trial_.expect_that(
        arrives([&](const wire::Traffic &traffic) { return traffic.frames > seen + enough; }),
        "frames of the guest come without end", "they do not come");
}

void Network::calm() {
    station_.calm();
    if (flooder_)
        flooder_->signal(SIGKILL);
    flooder_.reset();
}

std::string Network::seen_address() const {
    const auto neighbours = station_.traffic().neighbours;
    const auto found = neighbours.find(guest_);
    return found == neighbours.end() ? std::string() : found->second;
}

}  // namespace klass::judge
