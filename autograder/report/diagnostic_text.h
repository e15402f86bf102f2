// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A compiler's message as a student reads it: with the line, and a mark under the column.
 */
#pragma once

#include <string>

#include "kernel/diagnostics.h"
#include "report/text.h"

namespace klass::report {

/** Message and source line, indented by two. */
std::string diagnostic_details(const kernel::Diagnostic &diagnostic, const TextStyle &style);

}  // namespace klass::report
