// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Whether two gradings can be held against each other.
 */
#pragma once

#include <string>
#include <vector>

#include "judge/verdict.h"

namespace klass::judge {

/**
 * What shaped one grading and not the other, a sentence each: the sources, the kernel, QEMU and its
 * command line, Klass's own checks. Of two that agree in all of it the same seed makes the same.
 * What one of them does not know is passed over.
 */
std::vector<std::string> differences(const Verdict &then, const Verdict &now);

}  // namespace klass::judge
