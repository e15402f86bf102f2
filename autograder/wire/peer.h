// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The other end of a guest's network cable: sees every frame, answers ARP and ping.
 *
 * wire/ knows Ethernet frames on a socket. It knows no virtual machine, no guest and no stage. What
 * it reads may be hostile: libtins parses it, and a frame that makes no sense is counted and
 * dropped.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "util/bytes.h"
#include "wire/capture.h"

namespace Tins {
class IP;
class UDP;
}  // namespace Tins

namespace klass::wire {

/** Echoes and datagrams that are kept of each kind: the newest. All are counted as frames. */
inline constexpr std::size_t most_kept = 1000;

/** An ICMP echo request or reply (RFC 792) that the guest sent. */
struct Echo {
    std::string from;  ///< IPv4 address, "10.1.2.3"
    std::string to;
    std::uint16_t sequence = 0;
    Bytes payload;
};

/** A UDP datagram (RFC 768). */
struct Datagram {
    std::string from = {};  ///< IPv4 address; of one that is sent, the peer's own
    std::string to = {};
    std::uint16_t from_port = 0;
    std::uint16_t to_port = 0;
    Bytes payload;
};

/** What came over the cable so far. */
struct Traffic {
    std::size_t frames = 0;                         ///< all
    std::size_t malformed = 0;                      ///< of them, those that libtins could not read
    std::map<std::string, std::string> neighbours;  ///< IPv4 address to MAC, from ARP (RFC 826)
    std::deque<Echo> requests;
    std::deque<Echo> replies;
    std::deque<Datagram> datagrams;
};

/** A host of one address at the end of a cable. Not for several threads at once. */
class Peer {
  public:
    /**
     * @param cable    a datagram socket with one frame each; stays the caller's
     * @param address  its IPv4 address
     */
    Peer(int cable, std::string address);

    /** Reads the frames that are there, without waiting, and answers those that want an answer. */
    void serve();

    /**
     * Sends an ICMP echo request.
     * @return false when the neighbour's MAC is not known: it has never used ARP
     */
    bool ping(const std::string &neighbour, std::uint16_t sequence, const Bytes &payload);

    /** Sends a UDP datagram. @return false when the neighbour's MAC is not known */
    bool send_datagram(const std::string &neighbour, const Datagram &datagram);

    /** Keeps the frames of both directions from now on, and forgets those kept before. */
    void start_capture() { capture_.emplace(); }
    /** What was kept; empty before start_capture(). */
    [[nodiscard]] Capture capture() const { return capture_.value_or(Capture()); }

    [[nodiscard]] const std::string &address() const { return address_; }
    [[nodiscard]] const Traffic &traffic() const { return traffic_; }

  private:
    void receive(const Bytes &frame);
    void receive_datagram(const Tins::IP &ip, const Tins::UDP &udp);
    void send(const Bytes &frame);

    int cable_;
    std::string address_;
    Traffic traffic_;
    std::optional<Capture> capture_;
};

}  // namespace klass::wire
