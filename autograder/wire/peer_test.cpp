// SPDX-License-Identifier: Apache-2.0
#include "wire/peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <tins/tins.h>

#include "util/scoped_fd.h"

namespace klass::wire {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr const char *guest_mac = "52:54:00:12:34:56";
constexpr const char *guest_ip = "10.1.2.3";
constexpr const char *host_ip = "10.1.2.1";

/** A peer, and the guest's end of its cable. */
class PeerTest : public testing::Test {
  protected:
    PeerTest() {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
            throw std::runtime_error("no socket");
        guest.reset(pair[0]);
        host.reset(pair[1]);
        peer.emplace(host.get(), host_ip);
    }
    void send(const Bytes &frame) const {
        ASSERT_EQ(::send(guest.get(), frame.data(), frame.size(), 0),
                  static_cast<ssize_t>(frame.size()));
    }
    /** The next frame that the peer sent; empty when there is none. */
    [[nodiscard]] Bytes received() const {
        Bytes frame(2000);
        const ssize_t size = recv(guest.get(), frame.data(), frame.size(), MSG_DONTWAIT);
        frame.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        return frame;
    }
    static Tins::HWAddress<6> hardware_address() { return Tins::HWAddress<6>(guest_mac); }
    static Bytes arp_request(const char *target) {
        return Tins::ARP::make_arp_request(target, guest_ip, hardware_address()).serialize();
    }
    static Bytes echo(Tins::ICMP::Flags type, const Bytes &payload, std::uint16_t id = 7) {
        Tins::ICMP icmp(type);
        icmp.id(id);
        icmp.sequence(3);
        Tins::EthernetII frame =
            Tins::EthernetII(Tins::HWAddress<6>("ff:ff:ff:ff:ff:ff"), hardware_address()) /
            Tins::IP(host_ip, guest_ip) / icmp / Tins::RawPDU(payload);
        return frame.serialize();
    }

    ScopedFd guest;
    ScopedFd host;
    std::optional<Peer> peer;
};

TEST_F(PeerTest, AnswersWhoAsksForItsAddress) {
    send(arp_request(host_ip));
    peer->serve();
    const Bytes frame = received();
    ASSERT_FALSE(frame.empty());
    const Tins::EthernetII answer(frame.data(), static_cast<std::uint32_t>(frame.size()));
    const auto &arp = answer.rfind_pdu<Tins::ARP>();
    EXPECT_EQ(arp.opcode(), Tins::ARP::REPLY);
    EXPECT_EQ(arp.sender_ip_addr(), host_ip);
    EXPECT_EQ(answer.dst_addr(), hardware_address());
    EXPECT_THAT(peer->traffic().neighbours, UnorderedElementsAre(Pair(guest_ip, guest_mac)));
}

TEST_F(PeerTest, KeepsSilentWhenAnotherIsAsked) {
    send(arp_request("10.1.2.99"));
    peer->serve();
    EXPECT_THAT(received(), IsEmpty());
}

TEST_F(PeerTest, AnswersAPingWithItsPayload) {
    const Bytes payload{1, 2, 3, 4, 5};
    send(echo(Tins::ICMP::ECHO_REQUEST, payload));
    peer->serve();
    ASSERT_EQ(peer->traffic().requests.size(), 1U);
    EXPECT_EQ(peer->traffic().requests[0].from, guest_ip);
    EXPECT_EQ(peer->traffic().requests[0].payload, payload);
    const Bytes frame = received();
    ASSERT_FALSE(frame.empty());
    const Tins::EthernetII answer(frame.data(), static_cast<std::uint32_t>(frame.size()));
    const auto &icmp = answer.rfind_pdu<Tins::ICMP>();
    EXPECT_EQ(icmp.type(), Tins::ICMP::ECHO_REPLY);
    EXPECT_EQ(icmp.id(), 7);
    EXPECT_EQ(icmp.sequence(), 3);
    EXPECT_EQ(answer.rfind_pdu<Tins::RawPDU>().payload(), payload);
}

TEST_F(PeerTest, PingsANeighbourOnceItIsKnown) {
    EXPECT_FALSE(peer->ping(guest_ip, 1, {9}));
    send(arp_request(host_ip));
    peer->serve();
    ASSERT_FALSE(received().empty());
    ASSERT_TRUE(peer->ping(guest_ip, 1, {9, 8}));
    const Bytes frame = received();
    ASSERT_FALSE(frame.empty());
    const Tins::EthernetII request(frame.data(), static_cast<std::uint32_t>(frame.size()));
    EXPECT_EQ(request.dst_addr(), hardware_address());
    const auto id = request.rfind_pdu<Tins::ICMP>().id();
    send(echo(Tins::ICMP::ECHO_REPLY, {9, 8}, id));
    peer->serve();
    ASSERT_EQ(peer->traffic().replies.size(), 1U);
    EXPECT_EQ(peer->traffic().replies[0].payload, (Bytes{9, 8}));
}

TEST_F(PeerTest, AReplyToAnotherIsNotOurs) {
    send(echo(Tins::ICMP::ECHO_REPLY, {1}));
    peer->serve();
    EXPECT_THAT(peer->traffic().replies, IsEmpty());
}

TEST_F(PeerTest, BearsFramesThatMakeNoSense) {
    send({});
    send({0xff});
    send(Bytes(14, 0));
    Bytes cut = echo(Tins::ICMP::ECHO_REQUEST, Bytes(40, 1));
    cut.resize(24);
    send(cut);
    for (std::uint8_t fill = 0; fill < 255; ++fill) {
        Bytes frame = arp_request(host_ip);
        std::fill(frame.begin() + 14, frame.end(), fill);
        send(frame);
        peer->serve();
    }
    EXPECT_EQ(peer->traffic().frames, 259U);
    EXPECT_GT(peer->traffic().malformed, 0U);
}

TEST_F(PeerTest, AClosedCableIsSilence) {
    guest.reset();
    peer->serve();
    EXPECT_EQ(peer->traffic().frames, 0U);
    EXPECT_FALSE(peer->ping(guest_ip, 1, {}));
}

}  // namespace
}  // namespace klass::wire
