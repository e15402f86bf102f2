// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief For tests: threads that have to share a processor.
 */
#pragma once

#include <sched.h>

namespace klass {

/** This thread has the first of its processors only, for as long as this lives. */
class OneProcessor {
  public:
    OneProcessor() {
        sched_getaffinity(0, sizeof before_, &before_);
        int first = 0;
        while (!CPU_ISSET(first, &before_))
            ++first;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(first, &one);
        sched_setaffinity(0, sizeof one, &one);
    }
    ~OneProcessor() { sched_setaffinity(0, sizeof before_, &before_); }
    OneProcessor(const OneProcessor &) = delete;
    OneProcessor &operator=(const OneProcessor &) = delete;

  private:
    cpu_set_t before_{};
};

}  // namespace klass
