// SPDX-License-Identifier: Apache-2.0
#include "util/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace klass {

void in_parallel(std::size_t count, std::size_t threads,
                 const std::function<void(std::size_t)> &work) {
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::exception_ptr failure;
    const auto take_turns = [&] {
        for (std::size_t turn = 0; (turn = next++) < count;) {
            try {
                work(turn);
            } catch (...) {
                const std::lock_guard lock(mutex);
                if (!failure)
                    failure = std::current_exception();
                next = count;
            }
        }
    };
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < std::min(threads, count); ++i)
        others.emplace_back(take_turns);
    take_turns();
    for (std::thread &other : others)
        other.join();
    if (failure)
        std::rethrow_exception(failure);
}

}  // namespace klass
