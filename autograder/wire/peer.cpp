// SPDX-License-Identifier: Apache-2.0
#include "wire/peer.h"

#include <sys/socket.h>
#include <tins/tins.h>

#include <cerrno>
#include <utility>

namespace klass::wire {

namespace {

constexpr std::size_t longest_frame = std::size_t{64} << 10;
constexpr std::uint16_t identifier = 0x4b6c;
// A guest that floods is read from as fast as it writes only up to here.
constexpr int frames_at_once = 1000;

// Locally administered, as QEMU's own (52:54:00) are.
Tins::HWAddress<6> hardware_address() {
    return Tins::HWAddress<6>("52:54:00:4b:6c:61");
}

/** Headers and all. */
template <class Message>
Bytes frame_of(const Tins::HWAddress<6> &to, const Tins::IP &header, const Message &message,
               const Bytes &payload) {
    Tins::EthernetII frame =
        Tins::EthernetII(to, hardware_address()) / header / message / Tins::RawPDU(payload);
    return frame.serialize();
}

// After a flood, what comes next is what is asked for: so the oldest goes.
template <class Message>
void keep(std::deque<Message> &messages, Message message) {
    if (messages.size() == most_kept)
        messages.pop_front();
    messages.push_back(std::move(message));
}

Bytes payload_of(const Tins::PDU &pdu) {
    const auto *data = pdu.find_pdu<Tins::RawPDU>();
    return data != nullptr ? data->payload() : Bytes();
}

}  // namespace

Peer::Peer(int cable, std::string address) : cable_(cable), address_(std::move(address)) {}

void Peer::serve() {
    Bytes frame(longest_frame);
    for (int count = 0; count < frames_at_once; ++count) {
        const ssize_t size = recv(cable_, frame.data(), frame.size(), MSG_DONTWAIT);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return;
        ++traffic_.frames;
        const Bytes received(frame.begin(), frame.begin() + size);
        if (capture_)
            capture_->add(received);
        try {
            receive(received);
        } catch (const Tins::exception_base &) {
            ++traffic_.malformed;
        }
    }
}

void Peer::receive(const Bytes &frame) {
    const Tins::EthernetII ethernet(frame.data(), static_cast<std::uint32_t>(frame.size()));
    if (const auto *arp = ethernet.find_pdu<Tins::ARP>()) {
        const std::string sender = arp->sender_ip_addr().to_string();
        if (traffic_.neighbours.size() < most_kept)
            traffic_.neighbours[sender] = arp->sender_hw_addr().to_string();
        if (arp->opcode() == Tins::ARP::REQUEST && arp->target_ip_addr().to_string() == address_)
            send(Tins::ARP::make_arp_reply(arp->sender_ip_addr(), address_, arp->sender_hw_addr(),
                                           hardware_address())
                     .serialize());
        return;
    }
    const auto *ip = ethernet.find_pdu<Tins::IP>();
    const auto *udp = ethernet.find_pdu<Tins::UDP>();
    if (ip != nullptr && udp != nullptr)
        receive_datagram(*ip, *udp);
    const auto *icmp = ethernet.find_pdu<Tins::ICMP>();
    if (ip == nullptr || icmp == nullptr)
        return;
    Echo echo{.from = ip->src_addr().to_string(),
              .to = ip->dst_addr().to_string(),
              .sequence = icmp->sequence(),
              .payload = payload_of(*icmp)};
    if (icmp->type() == Tins::ICMP::ECHO_REPLY) {
        if (icmp->id() == identifier)
            keep(traffic_.replies, std::move(echo));
        return;
    }
    if (icmp->type() != Tins::ICMP::ECHO_REQUEST)
        return;
    if (echo.to == address_) {
        Tins::ICMP reply(Tins::ICMP::ECHO_REPLY);
        reply.id(icmp->id());
        reply.sequence(icmp->sequence());
        send(
            frame_of(ethernet.src_addr(), Tins::IP(ip->src_addr(), address_), reply, echo.payload));
    }
    keep(traffic_.requests, std::move(echo));
}

bool Peer::ping(const std::string &neighbour, std::uint16_t sequence, const Bytes &payload) {
    const auto known = traffic_.neighbours.find(neighbour);
    if (known == traffic_.neighbours.end())
        return false;
    Tins::ICMP request(Tins::ICMP::ECHO_REQUEST);
    request.id(identifier);
    request.sequence(sequence);
    send(frame_of(Tins::HWAddress<6>(known->second), Tins::IP(neighbour, address_), request,
                  payload));
    return true;
}

void Peer::receive_datagram(const Tins::IP &ip, const Tins::UDP &udp) {
    keep(traffic_.datagrams, {.from = ip.src_addr().to_string(),
                              .to = ip.dst_addr().to_string(),
                              .from_port = udp.sport(),
                              .to_port = udp.dport(),
                              .payload = payload_of(udp)});
}

bool Peer::send_datagram(const std::string &neighbour, const Datagram &datagram) {
    const auto known = traffic_.neighbours.find(neighbour);
    if (known == traffic_.neighbours.end())
        return false;
    send(frame_of(Tins::HWAddress<6>(known->second), Tins::IP(neighbour, address_),
                  Tins::UDP(datagram.to_port, datagram.from_port), datagram.payload));
    return true;
}

void Peer::send(const Bytes &frame) {
    if (capture_)
        capture_->add(frame);
    // A cable that is full, or whose other end is gone, loses frames: as cables do.
    [[maybe_unused]] const ssize_t ignored =
        ::send(cable_, frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace klass::wire
