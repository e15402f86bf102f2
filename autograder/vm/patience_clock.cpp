// SPDX-License-Identifier: Apache-2.0
#include "vm/patience_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace klass::vm {

namespace {

using namespace std::chrono_literals;

// A look costs a tenth of a millisecond, and an operation of a guest takes three.
constexpr auto between_looks = 100ms;

}  // namespace

PatienceClock::time_point PatienceClock::now() {
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_look_) {
        look();
        next_look_ = now + between_looks;
    }
    return now - starved_;
}

void PatienceClock::look() {
    namespace fs = std::filesystem;
    std::error_code gone;
    for (fs::directory_iterator thread(fmt::format("/proc/{}/task", process_), gone), end;
         !gone && thread != end; thread.increment(gone)) {
        std::ifstream figures(thread->path() / "schedstat");
        std::int64_t ran = 0;
        std::int64_t waited = 0;
        // A thread that ended took its figure with it: what was seen once stays.
        if (figures >> ran >> waited)
            starved_ = std::max(starved_, std::chrono::nanoseconds(waited));
    }
}

}  // namespace klass::vm
