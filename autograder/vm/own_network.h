// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A network that consists of one guest and this process, for TCP.
 *
 * QEMU runs in a network namespace of its own, and its user-mode network (libslirp, inside QEMU)
 * turns what the guest sends into connections there. Whom the guest finds at host_address is
 * whoever listens on that namespace's loopback: this process, with the sockets that were made in
 * it. What a guest sends goes to this process, or nowhere.
 */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "util/scoped_fd.h"

namespace klass::vm {

/** Our sockets in such a network. */
class OwnNetwork {
  public:
    static constexpr const char *guest_address = "10.0.2.15";  ///< of 10.0.2.0/24
    static constexpr const char *host_address = "10.0.2.2";    ///< where the guest finds us

    /**
     * Before the start of QEMU. command() says what is to be run in its place.
     * @throws GraderFault without file descriptors
     */
    OwnNetwork();
    /** What runs @p argv in this network. control_fd() and program_fd() must be inherited. */
    [[nodiscard]] std::vector<std::string> command(const std::vector<std::string> &argv) const;
    [[nodiscard]] int control_fd() const { return theirs_.get(); }
    [[nodiscard]] int program_fd() const { return program_.get(); }
    /** After the start: takes the sockets. @return false when none came, and QEMU has ended */
    bool take_sockets();

    /**
     * A TCP socket that listens on a port of host_address.
     * @param port  0 for any that is free
     * @throws GraderFault when the port is taken, or too many were asked for
     */
    ScopedFd listen(std::uint16_t port);

  private:
    ScopedFd program_;
    ScopedFd ours_;
    ScopedFd theirs_;
    std::vector<ScopedFd> sockets_;
};

/** The port of a bound socket. @throws GraderFault */
std::uint16_t port_of(int socket);

}  // namespace klass::vm
