// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief One process at a time: flock(2) on a file, released by the kernel when its holder dies.
 */
#pragma once

#include <filesystem>
#include <functional>

#include "util/scoped_fd.h"

namespace klass {

/** Holds an exclusive lock on a file for its lifetime. */
class FileLock {
  public:
    /**
     * Waits for the lock; makes the file and its folder if need be. @p waiting is called once if
     * another process holds it.
     * @throws GraderFault when the file cannot be created; Interrupted on SIGINT.
     */
    explicit FileLock(const std::filesystem::path &path, const std::function<void()> &waiting = {});

  private:
    ScopedFd fd_;
};

}  // namespace klass
