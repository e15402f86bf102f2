// SPDX-License-Identifier: Apache-2.0
#include "util/tree_clock.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "util/one_processor.h"

namespace klass {
namespace {

using namespace std::chrono_literals;

/** A process in a session of its own: so its share of a processor is its own, too (sched(7),
 * autogroup). */
class Process {
  public:
    explicit Process(const std::function<void()> &work) : pid_(fork()) {
        if (pid_ != 0)
            return;
        setsid();
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        work();
        _exit(127);
    }
    Process(const Process &) = delete;
    Process &operator=(const Process &) = delete;
    ~Process() {
        kill(-pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }

    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    pid_t pid_;
};

Process shell(const std::string &script) {
    return Process([&script] {
        const OneProcessor here;
        execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
    });
}

std::chrono::nanoseconds elapsed_after(std::chrono::milliseconds host, pid_t program) {
    TreeClock clock(program);
    for (const auto end = std::chrono::steady_clock::now() + host;
         std::chrono::steady_clock::now() < end;) {
        std::this_thread::sleep_for(TreeClock::between_looks + 10ms);
        clock.elapsed();
    }
    return clock.elapsed();
}

constexpr const char *loops = "while :; do :; done";
constexpr const char *child_loops = "sh -c 'while :; do :; done' & wait";
constexpr const char *many_children =
    "while :; do sh -c 'i=0; while [ $i -lt 9999 ]; do i=$((i+1)); done'; done";

class ABusyTree : public testing::TestWithParam<const char *> {};

TEST_P(ABusyTree, HasNoTimeWhileOthersHaveTheProcessor) {
    std::vector<std::unique_ptr<Process>> rivals;
    for (int i = 0; i < 9; ++i)
        rivals.push_back(std::make_unique<Process>([] {
            const OneProcessor here;
            for (volatile bool spin = true; spin;) {
            }
        }));
    const Process program = shell(GetParam());
    EXPECT_LT(elapsed_after(3s, program.pid()), 1500ms) << "of 3 s it had a tenth";
}

TEST_P(ABusyTree, HasTimeWhenItComputes) {
    const Process program = shell(GetParam());
    TreeClock clock(program.pid());
    for (const auto end = std::chrono::steady_clock::now() + 60s;
         clock.elapsed() < 300ms && std::chrono::steady_clock::now() < end;)
        std::this_thread::sleep_for(TreeClock::between_looks);
    EXPECT_GE(clock.elapsed(), 300ms);
}

INSTANTIATE_TEST_SUITE_P(TreeClock, ABusyTree, testing::Values(loops, child_loops, many_children));

TEST(TreeClock, SleepIsTime) {
    const Process program = shell("sleep 100 & wait");
    EXPECT_GE(elapsed_after(1s, program.pid()), 900ms);
}

TEST(TreeClock, OfAProgramThatIsGoneItIsTheHosts) {
    const pid_t gone = Process([] {}).pid();
    EXPECT_GE(elapsed_after(500ms, gone), 450ms);
}

}  // namespace
}  // namespace klass
