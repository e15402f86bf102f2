// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Frames that wait to be looked at: a short queue for each client.
 */
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

#include "pose/frame.h"

namespace klass::pose {

/** A frame on its way, and whose it is. */
struct Job {
    std::uint64_t client = 0;
    Frame frame;
    std::chrono::steady_clock::time_point arrived;  ///< its last byte
};

/**
 * Clients' frames, first come first served for each, and the clients take turns: one that sends
 * more than its share waits for itself. When a client's queue is full its oldest frame goes, since
 * of a camera's pictures the newest is worth most. For several threads at once.
 */
class FrameQueues {
  public:
    /** @param most  frames of one client that may wait, at least 1 */
    explicit FrameQueues(std::size_t most);

    /** Adds a frame. @return whether the client's oldest had to make room */
    bool push(Job job);
    /** Waits for the next frame whose turn it is. @return nothing once close() was called */
    std::optional<Job> pop();
    /** Drops what waits of a client. */
    void forget(std::uint64_t client);
    /** Ends every pop(), now and later, also if frames wait. */
    void close();

  private:
    std::size_t most_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::uint64_t, std::deque<Job>> waiting_;  ///< no queue in it is empty
    std::deque<std::uint64_t> turns_;                   ///< the clients in it, in their order
    bool closed_ = false;
};

}  // namespace klass::pose
