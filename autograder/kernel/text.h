// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Makes text that a submission had a hand in safe to show and to store.
 */
#pragma once

#include <string>
#include <string_view>

namespace klass::kernel {

/**
 * The text as valid UTF-8 without control characters other than tab and line feed: reports are
 * JSON, and a terminal must not obey a compiler's quotation of a source line. A byte that does not
 * belong becomes U+FFFD; a carriage return is dropped.
 */
std::string safe_text(std::string_view bytes);

}  // namespace klass::kernel
