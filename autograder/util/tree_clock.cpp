// SPDX-License-Identifier: Apache-2.0
#include "util/tree_clock.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace klass {

namespace {

struct Usage {
    std::chrono::nanoseconds processor{0};
    bool ready = false;  ///< one of the processes runs or waits for its turn
};

std::chrono::nanoseconds of_ticks(std::int64_t ticks) {
    static const long per_second = sysconf(_SC_CLK_TCK);
    return std::chrono::nanoseconds(std::chrono::seconds(ticks)) / per_second;
}

// Of a process that is gone by now there is nothing to add.
void add_process(pid_t process, Usage &usage) {
    std::ifstream file(fmt::format("/proc/{}/stat", process));
    std::string line;
    std::getline(file, line);
    // The name, in parentheses, may hold anything; proc_pid_stat(5) counts it as field 2.
    std::istringstream fields(line.substr(std::min(line.rfind(')') + 1, line.size())));
    char state = 0;
    fields >> state;
    std::string skipped;
    for (int field = 4; field < 14; ++field)
        fields >> skipped;
    std::array<std::int64_t, 4> ticks{};  // utime, stime, cutime, cstime
    for (std::int64_t &part : ticks)
        fields >> part;
    if (!fields)
        return;
    for (const std::int64_t part : ticks)
        usage.processor += of_ticks(part);
    usage.ready |= state == 'R';
}

void add_tree(pid_t process, Usage &usage) {
    namespace fs = std::filesystem;
    add_process(process, usage);
    std::error_code gone;
    for (fs::directory_iterator thread(fmt::format("/proc/{}/task", process), gone), end;
         !gone && thread != end; thread.increment(gone)) {
        std::ifstream children(thread->path() / "children");
        for (pid_t child = 0; children >> child;)
            add_tree(child, usage);
    }
}

}  // namespace

TreeClock::TreeClock(pid_t root) : root_(root) {}

std::chrono::nanoseconds TreeClock::elapsed() {
    const auto now = Clock::now();
    const std::chrono::nanoseconds passed = now - looked_;
    if (passed < between_looks)
        return elapsed_;
    Usage usage;
    add_tree(root_, usage);
    const std::chrono::nanoseconds got = usage.processor - used_;
    elapsed_ += usage.ready && got.count() >= 0 ? std::min(passed, got) : passed;
    looked_ = now;
    used_ = usage.processor;
    return elapsed_;
}

}  // namespace klass
