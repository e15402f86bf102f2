// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A network interface of the guest, by the requests of netdevice(7); addresses for sockets.
 */
#pragma once

#include <cstdint>
#include <string>

#include "guest/process.h"

namespace klass::guest {

/** A struct sockaddr_in (ip(7)). @param address  "10.1.2.3" */
Bytes socket_address(const std::string &address, std::uint16_t port);

/** An interface, there or not: it is known by its name. */
class Interface {
  public:
    Interface(File socket, std::string name) : socket_(std::move(socket)), name_(std::move(name)) {}

    /** SIOCSIFADDR, and SIOCSIFNETMASK for a network of 256 addresses. */
    Observation set_address(const std::string &address);
    Observation set_netmask();
    /** SIOCSIFFLAGS: the interface goes up or down. */
    Observation set_up(bool up);

    [[nodiscard]] const std::string &name() const { return name_; }

  private:
    File socket_;
    std::string name_;
};

}  // namespace klass::guest
