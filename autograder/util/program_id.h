// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Which build of the program this is.
 */
#pragma once

#include <string>

namespace klass {

/**
 * The running program's build ID (ld(1), --build-id) as hexadecimal digits: another one for each
 * change of its code. Empty when it was linked without.
 */
std::string program_id();

}  // namespace klass
