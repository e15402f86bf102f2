// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A guest's way to one server of this machine, where its own network ends in this process.
 */
#pragma once

#include <cstdint>
#include <thread>
#include <vector>

#include "util/scoped_fd.h"
#include "util/spawner.h"
#include "vm/own_network.h"

namespace klass::vm {

/**
 * As long as it lives, whoever in the guest connects to the port at OwnNetwork::host_address is
 * connected to that of this machine's loopback, by socat(1), one for each connection. Where nobody
 * listens, the guest's connection is closed.
 */
class Relay {
  public:
    /**
     * @param network  only asked for a socket
     * @param port     there
     * @param to_port  at 127.0.0.1
     * @throws UsageError without socat; GraderFault when the port is taken
     */
    Relay(OwnNetwork &network, std::uint16_t port, std::uint16_t to_port);
    Relay(const Relay &) = delete;
    Relay &operator=(const Relay &) = delete;
    ~Relay();

  private:
    void work();
    void remove_ended();

    ScopedFd listener_;
    std::uint16_t to_port_;
    std::string socat_;
    ScopedFd nowhere_;
    ScopedFd wakeup_;
    std::vector<Spawned> connections_;  ///< of the thread
    std::thread thread_;
};

}  // namespace klass::vm
