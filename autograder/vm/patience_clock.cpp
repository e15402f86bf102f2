// SPDX-License-Identifier: Apache-2.0
#include "vm/patience_clock.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace klass::vm {

namespace fs = std::filesystem;

namespace {

/** For its turn, since it began; 0 of a thread that is gone. @param thread  its folder in /proc */
std::chrono::nanoseconds waited_so_far(const fs::path &thread) {
    std::ifstream figures(thread / "schedstat");
    std::int64_t ran = 0;
    std::int64_t waited = 0;
    figures >> ran >> waited;
    return std::chrono::nanoseconds(figures ? waited : 0);
}

}  // namespace

PatienceClock::time_point PatienceClock::now() {
    const auto now = std::chrono::steady_clock::now();
    if (now - looked_ >= between_looks_) {
        look(now - looked_);
        looked_ = now;
    }
    return now - starved_;
}

void PatienceClock::look(std::chrono::nanoseconds since_last) {
    std::error_code gone;
    std::chrono::nanoseconds longest{0};
    for (fs::directory_iterator thread(fmt::format("/proc/{}/task", process_), gone), end;
         !gone && thread != end; thread.increment(gone)) {
        const auto waited = waited_so_far(thread->path());
        longest = std::max(longest, waited - std::exchange(waited_[thread->path()], waited));
    }
    // This thread has lived before the clock did.
    const fs::path own = fmt::format("/proc/self/task/{}", gettid());
    const auto own_waited = waited_so_far(own);
    std::chrono::nanoseconds &before = waited_.try_emplace(own, own_waited).first->second;
    // Both may have waited at once.
    starved_ += std::min(longest + own_waited - before, since_last);
    before = own_waited;
}

}  // namespace klass::vm
