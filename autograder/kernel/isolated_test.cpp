// SPDX-License-Identifier: Apache-2.0
#include "kernel/isolated.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace klass::kernel {
namespace {

using namespace std::chrono_literals;

TEST(CallIsolated, ReturnsWhatTheWorkReturns) {
    EXPECT_EQ(call_isolated([] { return std::string(300'000, 'x'); }), std::string(300'000, 'x'));
    EXPECT_EQ(call_isolated([] { return std::string{}; }), "");
}

TEST(CallIsolated, LeavesThisProcessAsItWas) {
    int value = 1;
    const auto answer = call_isolated([&] { return std::to_string(++value); });
    EXPECT_EQ(answer, "2");
    EXPECT_EQ(value, 1);
}

TEST(CallIsolated, ReturnsNothingAfterACrash) {
    EXPECT_EQ(call_isolated([]() -> std::string {
                  static_cast<void>(raise(SIGSEGV));
                  return "unreachable";
              }),
              std::nullopt);
    EXPECT_EQ(call_isolated([]() -> std::string { throw std::runtime_error("no"); }), std::nullopt);
}

TEST(CallIsolated, ReturnsNothingBeyondALimit) {
    EXPECT_EQ(call_isolated(
                  []() -> std::string {
                      for (;;)
                          pause();
                  },
                  {.wall = 50ms}),
              std::nullopt);
    EXPECT_EQ(call_isolated([] { return std::string(1000, 'x'); }, {.answer_bytes = 999}),
              std::nullopt);
}

}  // namespace
}  // namespace klass::kernel
