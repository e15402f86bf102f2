// SPDX-License-Identifier: Apache-2.0
// The connection to the pose server; camera_offload_wire.h is what goes over it.
#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "camera.hpp"
#include "camera_offload.h"
#include "descriptor.hpp"

using Result = camera_offload_result;

// The server is not there, or no longer, or speaks in riddles. One may try again.
class ServerGone : public std::system_error {
    using std::system_error::system_error;
};

[[noreturn]] inline void server_gone(const std::string &what, int error = errno) {
    throw ServerGone(error, std::generic_category(), what);
}

// "10.0.2.2:7000" as an address. Throws when it is none.
sockaddr_in parse_address(const std::string &text);

class Connection {
  public:
    // Throws when no server answers, or stop is set first.
    Connection(const sockaddr_in &server, const Stop &stop);

    // Sends a frame, all of it. False when stop is set. Throws when the server is gone.
    bool send(const Taken &frame, unsigned width, unsigned height);
    // There are no more frames; the answers to those that were sent still come.
    void no_more_frames();
    // Waits for an answer. Nothing when stop is set, or the server has no more. Throws on what is
    // none.
    std::optional<Result> receive();

  private:
    bool send_all(const void *data, std::size_t size);
    bool receive_all(void *data, std::size_t size);

    Descriptor fd_;
    const Stop &stop_;
};
