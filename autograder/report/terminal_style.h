// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief How text looks where it is written to.
 */
#pragma once

#include "report/text.h"

namespace klass::report {

/**
 * Colours only on a terminal that has them, and not against the reader's will (NO_COLOR,
 * https://no-color.org); Unicode where the locale's characters are UTF-8; the terminal's width.
 */
TextStyle terminal_style(int fd);

}  // namespace klass::report
