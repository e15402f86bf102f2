// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Runs a function that a hostile file may crash, in a child process.
 */
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace klass::kernel {

/** Limits of an isolated call. */
struct IsolationLimits {
    std::chrono::milliseconds wall{std::chrono::seconds{5}};
    std::size_t answer_bytes = std::size_t{4} << 20;
    std::size_t memory_bytes = std::size_t{1} << 30;  ///< beyond what the process has already
};

/**
 * Calls @p work in a fork of this process, with every descriptor but the standard ones closed.
 *
 * It may allocate memory (glibc keeps its allocator whole across a fork) but must not take locks
 * that other threads of this process hold, nor leave anything to be done at exit.
 * @return what it returned; nothing when it crashed, threw, hung, or went beyond a limit
 * @throws GraderFault when no process can be made
 */
std::optional<std::string> call_isolated(const std::function<std::string()> &work,
                                         const IsolationLimits &limits = {});

}  // namespace klass::kernel
