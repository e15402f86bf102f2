// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A process of the guest that carries out one system call at a time, as it is asked.
 */
#pragma once

namespace klass::agent {

/**
 * Reads requests from @p socket and answers them until it is closed. Whatever blocks, blocks
 * here: the agent goes on and can look at this process, signal it or open its gate.
 */
[[noreturn]] void run_actor(int socket);

}  // namespace klass::agent
