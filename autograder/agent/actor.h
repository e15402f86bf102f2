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
 *
 * A reply that the port takes whole goes there directly: the way through the agent would double
 * what an operation costs in a kernel that checks its locks. A larger one goes back by @p socket,
 * for on the port its pieces could mix with another actor's.
 */
[[noreturn]] void run_actor(int socket, int port);

}  // namespace klass::agent
