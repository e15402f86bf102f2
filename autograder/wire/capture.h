// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Frames as a file that Wireshark and tcpdump read: pcap, by libpcap.
 */
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "util/bytes.h"

namespace klass::wire {

/** The first frames that went over a cable. Not for several threads at once. */
class Capture {
  public:
    /** Bytes of frames that are kept; a flood is told by its beginning. */
    static constexpr std::size_t limit = std::size_t{128} << 10;

    /** Adds a frame, unless the limit is reached. */
    void add(const Bytes &frame);

    [[nodiscard]] std::size_t frames() const { return frames_.size(); }
    /** The file's bytes (pcap-savefile(5)). @throws GraderFault when libpcap cannot make it */
    [[nodiscard]] Bytes file() const;

  private:
    struct Frame {
        std::chrono::system_clock::time_point when;
        Bytes bytes;
    };
    std::vector<Frame> frames_;
    std::size_t bytes_ = 0;
};

}  // namespace klass::wire
