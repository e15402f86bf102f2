// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The network of one check: the guest's interface, and the host at the other end of its
 * cable. What counts is what the host saw on the wire.
 *
 *     Network network(t);
 *     t.load("e1000_klass");
 *     network.up();
 *     network.expect_traffic("before");
 */
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "guest/interface.h"
#include "judge/trial.h"
#include "wire/station.h"

namespace klass::judge {

/** Of a machine with a network card: MachineWish::network. Its addresses come from the seed. */
class Network {
  public:
    explicit Network(Trial &trial);

    /** Gives eth0 its address, brings it up and waits for its link; the check fails if not. */
    void up();
    /** Brings eth0 down; the check fails if it cannot. */
    void down();

    /**
     * Datagrams of random lengths and bytes go in both directions and arrive, each once and byte
     * for byte; echo requests are answered. The check fails if not. The report keeps the frames.
     * @param phase  for the reader: "before"
     */
    void expect_traffic(const std::string &phase);

    /** From now on both sides send without a pause; what they send arrives. */
    void flood();
    /** No more of that. */
    void calm();

    wire::Station &station() { return station_; }
    /** The MAC address that the guest's frames come from; empty before there were any. */
    [[nodiscard]] std::string seen_address() const;

  private:
    /** Whether the host comes to see it on the cable. */
    bool arrives(const std::function<bool(const wire::Traffic &)> &seen);
    void expect_path(guest::File &socket);
    void expect_from_guest(guest::File &socket);
    void expect_from_host(guest::File &socket);
    void expect_echo();
    guest::File datagram_socket(guest::Process &process, std::uint16_t port);
    std::size_t some_length();

    Trial &trial_;
    std::string host_;
    std::string guest_;
    wire::Station station_;
    guest::Interface interface_;
    std::optional<guest::Process> flooder_;
    std::uint16_t next_port_;
    std::uint16_t next_echo_ = 0;
};

}  // namespace klass::judge
