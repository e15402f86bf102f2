// SPDX-License-Identifier: Apache-2.0
#include "pose/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace klass::pose {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

void expect_near(std::chrono::nanoseconds actual, std::chrono::nanoseconds expected) {
    EXPECT_NEAR(static_cast<double>(actual.count()), static_cast<double>(expected.count()),
                0.03 * static_cast<double>(expected.count()));
}

TEST(LatencyHistogramTest, QuantilesAreRightToThreePercent) {
    LatencyHistogram latency;
    for (int i = 1; i <= 1000; ++i)
        latency.add(std::chrono::microseconds(100 * i));
    expect_near(latency.quantile(0.5), 50ms);
    expect_near(latency.quantile(0.99), 99ms);
    expect_near(latency.quantile(0), 100us);
    expect_near(latency.quantile(1), 100ms);
    EXPECT_EQ(latency.count(), 1000U);
}

TEST(LatencyHistogramTest, ExtremesHaveAPlace) {
    LatencyHistogram latency;
    EXPECT_EQ(latency.quantile(0.5), 0ns);
    latency.add(-5ns);
    latency.add(0ns);
    expect_near(latency.quantile(1), 1us);
    latency.add(24h);
    EXPECT_GT(latency.quantile(1), 900s);
}

TEST(LatencyHistogramTest, SumsUp) {
    LatencyHistogram fast;
    LatencyHistogram slow;
    for (int i = 0; i < 99; ++i)
        fast.add(1ms);
    slow.add(1s);
    fast.add(slow);
    EXPECT_EQ(fast.count(), 100U);
    expect_near(fast.quantile(0.99), 1ms);
    expect_near(fast.quantile(1), 1s);
}

std::vector<ClientMetrics> two_clients() {
    ClientMetrics first{
        .number = 1, .peer = "unix", .received = 10, .answered = 7, .dropped = 2, .ended = "left"};
    first.latency.add(10ms);
    const ClientMetrics second{.number = 2, .peer = "127.0.0.1:5", .received = 5, .answered = 5};
    return {first, second};
}

TEST(MetricsTest, TotalIsTheSum) {
    const ClientMetrics total = total_of(two_clients());
    EXPECT_EQ(total.received, 15U);
    EXPECT_EQ(total.answered, 12U);
    EXPECT_EQ(total.dropped, 2U);
    EXPECT_EQ(total.unanswered(), 1U);
    EXPECT_EQ(total.latency.count(), 1U);
    EXPECT_EQ(total.peer, "2 clients");
}

TEST(MetricsTest, TableHasEachClientAndAll) {
    const std::string table = as_table(two_clients(), total_of(two_clients()));
    EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 4);
    EXPECT_THAT(table, HasSubstr("unix"));
    EXPECT_THAT(table, HasSubstr("left"));
    EXPECT_THAT(table, HasSubstr("all"));
}

TEST(MetricsTest, JsonLineCanBeRead) {
    const std::string line = as_json_line(two_clients().front());
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json["client"], 1);
    EXPECT_EQ(json["unanswered"], 1);
    EXPECT_EQ(json["ended"], "left");
    EXPECT_NEAR(json["p50_ms"].get<double>(), 10, 0.3);
    EXPECT_FALSE(nlohmann::json::parse(as_json_line(two_clients()[1])).contains("ended"));
}

}  // namespace
}  // namespace klass::pose
