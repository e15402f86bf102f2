// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What a pose server counts, and how it tells it to people and to programs.
 */
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace klass::pose {

/**
 * How long things took, in 700 steps of 3 % each from a microsecond to a quarter of an hour: so a
 * quantile is right to 3 %, and an hour's frames take no more room than one.
 */
class LatencyHistogram {
  public:
    void add(std::chrono::nanoseconds latency);
    /** Adds what another one holds. */
    void add(const LatencyHistogram &other);

    [[nodiscard]] std::uint64_t count() const { return count_; }
    /** The time within which a share of all (0 to 1) was done; 0 when there is none. */
    [[nodiscard]] std::chrono::nanoseconds quantile(double share) const;

  private:
    static constexpr std::size_t steps = 700;
    std::array<std::uint64_t, steps> counts_{};
    std::uint64_t count_ = 0;
};

/** One client's account, or that of all. */
struct ClientMetrics {
    std::uint64_t number = 0;    ///< in the order in which they came, from 1
    std::string peer;            ///< "127.0.0.1:40312", or "unix"
    std::uint64_t received = 0;  ///< whole frames
    std::uint64_t answered = 0;
    std::uint64_t dropped = 0;  ///< for newer ones, under load
    std::string ended;          ///< why it went; empty while it is here
    /** From a frame's last byte to its answer, the time in the queue included. */
    LatencyHistogram latency;

    /** Frames that had no answer for another reason: they wait, or their client went first. */
    [[nodiscard]] std::uint64_t unanswered() const { return received - answered - dropped; }
};

/** The sum of several accounts; its number is 0, and its peer says how many. */
ClientMetrics total_of(const std::vector<ClientMetrics> &clients);

/** A table for people: a line for each client, and one for @p all, which may be more than those. */
std::string as_table(const std::vector<ClientMetrics> &clients, const ClientMetrics &all);

/**
 * One line of JSON, with its line end: `client` (0 for all), `peer`, `received`, `answered`,
 * `dropped`, `unanswered`, `p50_ms`, `p99_ms`, and `ended` for one that went.
 */
std::string as_json_line(const ClientMetrics &client);

}  // namespace klass::pose
