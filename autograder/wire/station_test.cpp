// SPDX-License-Identifier: Apache-2.0
#include "wire/station.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <tins/tins.h>

#include <atomic>
#include <chrono>
#include <optional>

namespace klass::wire {
namespace {

using namespace std::chrono_literals;

constexpr const char *guest_mac = "52:54:00:12:34:56";
constexpr const char *guest_ip = "10.1.2.3";
constexpr const char *host_ip = "10.1.2.1";

/** A station, and the guest's end of its cable, on which the guest has made itself known. */
class StationTest : public testing::Test {
  protected:
    StationTest() {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
            throw std::runtime_error("no socket");
        guest.reset(pair[0]);
        host.reset(pair[1]);
        station.emplace(host.get(), host_ip);
        send(Tins::ARP::make_arp_request(host_ip, guest_ip, Tins::HWAddress<6>(guest_mac))
                 .serialize());
        const Bytes answer = received();
        EXPECT_FALSE(answer.empty()) << "the station answers ARP by itself";
    }
    void send(const Bytes &frame) const {
        ASSERT_EQ(::send(guest.get(), frame.data(), frame.size(), 0),
                  static_cast<ssize_t>(frame.size()));
    }
    void send_datagram(const Bytes &payload) const {
        Tins::EthernetII frame = Tins::EthernetII(Tins::HWAddress<6>("52:54:00:4b:6c:61"),
                                                  Tins::HWAddress<6>(guest_mac)) /
                                 Tins::IP(host_ip, guest_ip) / Tins::UDP(7, 8) /
                                 Tins::RawPDU(payload);
        send(frame.serialize());
    }
    /** The next frame that the station sent; empty when none comes. */
    [[nodiscard]] Bytes received() const {
        pollfd ready{guest.get(), POLLIN, 0};
        Bytes frame(2000);
        if (poll(&ready, 1, 10000) != 1)
            return {};
        const ssize_t size = recv(guest.get(), frame.data(), frame.size(), MSG_DONTWAIT);
        frame.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        return frame;
    }

    ScopedFd guest;
    ScopedFd host;
    std::optional<Station> station;
};

TEST_F(StationTest, TellsWhatCameWhileItsOwnerDidSomethingElse) {
    const Bytes payload{1, 2, 3};
    send_datagram(payload);
    EXPECT_TRUE(station->wait_until(
        [&](const Traffic &traffic) {
            return traffic.datagrams.size() == 1 && traffic.datagrams[0].payload == payload &&
                   traffic.datagrams[0].from == guest_ip && traffic.datagrams[0].to_port == 7;
        },
        10s));
}

TEST_F(StationTest, GivesUpWaiting) {
    EXPECT_FALSE(
        station->wait_until([](const Traffic &traffic) { return traffic.frames > 5; }, 50ms));
}

TEST_F(StationTest, SendsADatagram) {
    const Bytes payload{9, 8, 7};
    ASSERT_TRUE(
        station->send_datagram(guest_ip, {.from_port = 11, .to_port = 12, .payload = payload}));
    const Bytes frame = received();
    ASSERT_FALSE(frame.empty());
    const Tins::EthernetII ethernet(frame.data(), static_cast<std::uint32_t>(frame.size()));
    const auto &udp = ethernet.rfind_pdu<Tins::UDP>();
    EXPECT_EQ(udp.dport(), 12);
    EXPECT_EQ(udp.sport(), 11);
    EXPECT_EQ(udp.rfind_pdu<Tins::RawPDU>().payload(), payload);
}

TEST_F(StationTest, FloodsUntilItIsCalm) {
    ASSERT_TRUE(station->flood(guest_ip, Bytes(100, 1)));
    for (int i = 0; i < 200; ++i)
        ASSERT_FALSE(received().empty()) << "after " << i;
    station->calm();
    char rest[2000];
    while (recv(guest.get(), rest, sizeof rest, MSG_DONTWAIT) > 0) {
    }
    pollfd ready{guest.get(), POLLIN, 0};
    EXPECT_EQ(poll(&ready, 1, 100), 0);
}

// A guest that gets no time must not find ever more frames when it does.
TEST_F(StationTest, FloodsByTheClockOfItsNeighbour) {
    std::atomic<std::chrono::steady_clock::rep> ticks = 1'000'000'000;
    // The station's thread may get its turn late, but then it sends no more than it would have.
    const auto expect_frames = [&](int expected) {
        for (int i = 0; i < expected; ++i)
            EXPECT_FALSE(received().empty()) << "after " << i;
        pollfd more{guest.get(), POLLIN, 0};
        EXPECT_EQ(poll(&more, 1, 100), 0);
    };
    ASSERT_TRUE(station->flood(guest_ip, Bytes(100, 1), [&] {
        return std::chrono::steady_clock::time_point(std::chrono::steady_clock::duration(ticks));
    }));
    // One to see whether it is known, and two that are due at once.
    expect_frames(3);
    ticks += std::chrono::steady_clock::duration(1s).count();
    expect_frames(4);
    send_datagram({1});
    expect_frames(2);
    station->calm();
}

TEST_F(StationTest, KnowsNobodyWhoHasNotAsked) {
    EXPECT_FALSE(station->flood("10.1.2.77", Bytes(100, 1)));
    EXPECT_FALSE(station->ping("10.1.2.77", 1, {}));
}

TEST_F(StationTest, CapturesBothDirections) {
    station->start_capture();
    send_datagram({5, 5, 5});
    ASSERT_TRUE(station->wait_until(
        [](const Traffic &traffic) { return !traffic.datagrams.empty(); }, 10s));
    station->ping(guest_ip, 1, {1});
    EXPECT_EQ(station->capture().frames(), 2U);
}

TEST_F(StationTest, OutlivesTheOtherEndOfTheCable) {
    guest.reset();
    EXPECT_FALSE(
        station->wait_until([](const Traffic &traffic) { return traffic.frames > 5; }, 50ms));
}

}  // namespace
}  // namespace klass::wire
