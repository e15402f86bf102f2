// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Pieces of work that do not depend on each other, several at a time.
 */
#pragma once

#include <cstddef>
#include <functional>

namespace klass {

/**
 * Calls @p work with 0, 1, ... @p count - 1, each once and begun in this order, by so many threads,
 * of which the caller's is one. After an exception nothing more is begun.
 * @throws what @p work threw first, when all that was begun has ended
 */
void in_parallel(std::size_t count, std::size_t threads,
                 const std::function<void(std::size_t)> &work);

}  // namespace klass
