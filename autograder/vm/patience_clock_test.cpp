// SPDX-License-Identifier: Apache-2.0
#include "vm/patience_clock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <thread>

#include "util/one_processor.h"

namespace klass::vm {
namespace {

using namespace std::chrono_literals;

/** A process that does nothing but run, on the first processor that there is. */
class Busy {
  public:
    Busy() : pid_(fork()) {
        if (pid_ == 0) {
            const OneProcessor here;
            for (std::atomic<unsigned> turns = 0;; ++turns) {
            }
        }
    }
    ~Busy() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    Busy(const Busy &) = delete;
    Busy &operator=(const Busy &) = delete;
    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    pid_t pid_;
};

TEST(PatienceClock, IsTheHostsTimeLessWhatItsProcessWaited) {
    PatienceClock clock(getpid());
    const auto before = std::chrono::steady_clock::now();
    const auto now = clock.now();
    const auto after = std::chrono::steady_clock::now();
    EXPECT_GE(now, before - clock.starved());
    EXPECT_LE(now, after - clock.starved());
}

TEST(PatienceClock, StandsStillWhileOthersHaveTheProcessor) {
    if (!std::filesystem::exists("/proc/self/schedstat"))
        GTEST_SKIP() << "this kernel does not say how long a process waits for its turn";
    const Busy one;
    const Busy another;
    const Busy third;
    PatienceClock clock(one.pid());
    const auto begin = clock.now();
    const auto host_begin = std::chrono::steady_clock::now();
    while (clock.starved() < 200ms && std::chrono::steady_clock::now() < host_begin + 60s) {
        std::this_thread::sleep_for(50ms);
        clock.now();
    }
    std::this_thread::sleep_for(150ms);
    const auto end = clock.now();
    const auto host = std::chrono::steady_clock::now() - host_begin;
    EXPECT_GE(clock.starved(), 200ms);
    EXPECT_LE(end - begin, host - 150ms);
}

TEST(PatienceClock, GoesOnWhenTheProcessIsGone) {
    pid_t pid = 0;
    {
        const Busy busy;
        pid = busy.pid();
    }
    PatienceClock clock(pid);
    const auto begin = clock.now();
    std::this_thread::sleep_for(120ms);
    EXPECT_GE(clock.now() - begin, 100ms - clock.starved());
}

TEST(PatienceClock, StandsStillWhileWhoAsksWaits) {
    if (!std::filesystem::exists("/proc/self/schedstat"))
        GTEST_SKIP() << "this kernel does not say how long a thread waits for its turn";
    const Busy one;
    const Busy another;
    const OneProcessor with_them;
    pid_t gone = 0;
    {
        const Busy third;
        gone = third.pid();
    }
    PatienceClock clock(gone);
    const auto host_begin = std::chrono::steady_clock::now();
    const auto begin = clock.now();
    for (std::atomic<unsigned> turns = 0;
         clock.starved() < 200ms && std::chrono::steady_clock::now() < host_begin + 60s; ++turns)
        clock.now();
    const auto host = std::chrono::steady_clock::now() - host_begin;
    EXPECT_GE(clock.starved(), 200ms);
    EXPECT_LE(clock.now() - begin, host - 50ms);
}

}  // namespace
}  // namespace klass::vm
