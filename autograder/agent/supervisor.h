// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Process 1: passes frames between the host and the actors, and watches the actors.
 */
#pragma once

namespace klass::agent {

/**
 * Serves the host on @p port for ever. It makes no call into anything that a module offers, so
 * it answers as long as the kernel schedules.
 */
[[noreturn]] void supervise(int port);

}  // namespace klass::agent
