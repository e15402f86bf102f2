// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Builds course kernels in the background, while the caller does something else.
 */
#pragma once

#include <future>
#include <vector>

#include "kernel/kernel_store.h"

namespace klass::kernel {

/**
 * Puts kernels into the cache, one after the other, in a thread of its own and at a lower priority
 * than the caller's work. Destroyed early, it still waits: but Ctrl-C ends it as it ends the
 * caller.
 */
class BuildAhead {
  public:
    /** @param progress  outlives this */
    BuildAhead(const Paths &paths, Progress &progress, std::vector<Flavour> flavours);

    /** Until they are there. @throws what KernelStore::obtain() threw */
    void wait() { built_.get(); }

  private:
    std::future<void> built_;
};

}  // namespace klass::kernel
