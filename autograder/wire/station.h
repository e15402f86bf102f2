// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A Peer that lives in a thread of its own, so that the cable is served whatever its owner
 * waits for.
 */
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "util/scoped_fd.h"
#include "wire/peer.h"

namespace klass::wire {

/** A host at the end of a cable that answers by itself. Any thread may call it. */
class Station {
  public:
    /** As Peer's; the cable must outlive the station. @throws GraderFault without a wakeup */
    Station(int cable, std::string address);
    Station(const Station &) = delete;
    Station &operator=(const Station &) = delete;
    ~Station();

    /** Waits until what came over the cable is as @p holds wants it. @return whether it is */
    bool wait_until(const std::function<bool(const Traffic &)> &holds,
                    std::chrono::milliseconds patience);

    /** As Peer's, of the same names. */
    bool ping(const std::string &neighbour, std::uint16_t sequence, const Bytes &payload);
    bool send_datagram(const std::string &neighbour, const Datagram &datagram);
    void start_capture();
    [[nodiscard]] Capture capture() const;

    /** What time it is; never called by two threads at once. */
    using Clock = std::function<std::chrono::steady_clock::time_point()>;

    /**
     * Sends frames to a neighbour without end, until calm() is called: two for each that comes from
     * there, and some four hundred a second if none does.
     * @param clock  whose seconds these are: the neighbour's, so that one that gets little of a
     *               busy machine is not buried under what it has no time to take
     * @return false when the neighbour's MAC is not known
     */
    bool flood(const std::string &neighbour, const Bytes &payload,
               Clock clock = std::chrono::steady_clock::now);
    void calm();

    [[nodiscard]] Traffic traffic() const;
    [[nodiscard]] const std::string &address() const { return peer_.address(); }

  private:
    void work();

    int cable_;
    Peer peer_;
    ScopedFd wakeup_;
    bool closing_ = false;
    /** What goes on until calm(). */
    struct Flood {
        Datagram datagram;
        std::string neighbour;
        Clock clock;
        std::chrono::steady_clock::time_point next;  ///< when frames are due that answer none
    };
    void pour(Flood &flood, std::size_t frames_seen);

    std::optional<Flood> flood_;
    mutable std::mutex mutex_;
    std::condition_variable news_;
    std::thread thread_;
};

}  // namespace klass::wire
