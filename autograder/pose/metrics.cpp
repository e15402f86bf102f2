// SPDX-License-Identifier: Apache-2.0
#include "pose/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace klass::pose {

namespace {

constexpr double first_ns = 1000;
constexpr double growth = 1.03;

double milliseconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

std::string row(const ClientMetrics &client, const std::string &name) {
    return fmt::format("{:<6} {:<24} {:>9} {:>9} {:>8} {:>10} {:>8.1f} {:>8.1f}  {}\n", name,
                       client.peer, client.received, client.answered, client.dropped,
                       client.unanswered(), milliseconds(client.latency.quantile(0.5)),
                       milliseconds(client.latency.quantile(0.99)), client.ended);
}

}  // namespace

void LatencyHistogram::add(std::chrono::nanoseconds latency) {
    const double times = std::max(static_cast<double>(latency.count()) / first_ns, 1.0);
    const auto step = static_cast<std::size_t>(std::log(times) / std::log(growth));
    ++counts_.at(std::min(step, steps - 1));
    ++count_;
}

void LatencyHistogram::add(const LatencyHistogram &other) {
    for (std::size_t step = 0; step < steps; ++step)
        counts_.at(step) += other.counts_.at(step);
    count_ += other.count_;
}

std::chrono::nanoseconds LatencyHistogram::quantile(double share) const {
    if (count_ == 0)
        return {};
    const auto wanted =
        static_cast<std::uint64_t>(std::max(std::ceil(share * static_cast<double>(count_)), 1.0));
    std::uint64_t seen = 0;
    std::size_t step = 0;
    while (step + 1 < steps && seen + counts_.at(step) < wanted)
        seen += counts_.at(step++);
    // The middle of the step, as its growth has it.
    const double middle = first_ns * std::pow(growth, static_cast<double>(step) + 0.5);
    return std::chrono::nanoseconds(std::llround(middle));
}

ClientMetrics total_of(const std::vector<ClientMetrics> &clients) {
    ClientMetrics total{
        .peer = fmt::format("{} client{}", clients.size(), clients.size() == 1 ? "" : "s")};
    for (const ClientMetrics &client : clients) {
        total.received += client.received;
        total.answered += client.answered;
        total.dropped += client.dropped;
        total.latency.add(client.latency);
    }
    return total;
}

std::string as_table(const std::vector<ClientMetrics> &clients, const ClientMetrics &all) {
    std::string table =
        fmt::format("{:<6} {:<24} {:>9} {:>9} {:>8} {:>10} {:>8} {:>8}\n", "client", "from",
                    "received", "answered", "dropped", "unanswered", "p50 ms", "p99 ms");
    for (const ClientMetrics &client : clients)
        table += row(client, std::to_string(client.number));
    return table + row(all, "all");
}

std::string as_json_line(const ClientMetrics &client) {
    nlohmann::ordered_json line{{"client", client.number},
                                {"peer", client.peer},
                                {"received", client.received},
                                {"answered", client.answered},
                                {"dropped", client.dropped},
                                {"unanswered", client.unanswered()},
                                {"p50_ms", milliseconds(client.latency.quantile(0.5))},
                                {"p99_ms", milliseconds(client.latency.quantile(0.99))}};
    if (!client.ended.empty())
        line["ended"] = client.ended;
    return line.dump() + "\n";
}

}  // namespace klass::pose
