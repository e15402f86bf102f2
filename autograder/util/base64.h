// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Bytes as text (RFC 4648, section 4), by libsodium.
 */
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "util/bytes.h"

namespace klass {

/** With padding. */
std::string to_base64(const Bytes &bytes);

/** The other way round; nothing when the text is not base64. */
std::optional<Bytes> from_base64(std::string_view text);

}  // namespace klass
