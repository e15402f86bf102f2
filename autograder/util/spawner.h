// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Starts processes that cannot outlive this one.
 */
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "util/scoped_fd.h"

namespace klass {

/** A started process: its number, and a pidfd that is readable when it has ended. */
struct Spawned {
    pid_t pid = -1;
    ScopedFd pidfd;
};

/**
 * Starts @p argv with standard input from /dev/null, standard output and error to @p error_fd, and
 * @p inherited open under the same numbers; every other descriptor is closed. As root, the process
 * runs as an unprivileged user. It is killed when this process ends, kill -9 included.
 *
 * The death signal of prctl(2) follows the thread that forked, not the process; so one thread that
 * lives as long as the process does all the forking.
 *
 * @throws GraderFault when it cannot be started
 */
Spawned spawn(const std::vector<std::string> &argv, const std::vector<int> &inherited,
              int error_fd);

}  // namespace klass
