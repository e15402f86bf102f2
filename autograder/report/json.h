// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The JSON report, a contract: report.schema.json beside this file describes it.
 */
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "judge/verdict.h"

namespace klass::report {

/** What the report's `schema` says; another number means that a reader has to be changed. */
inline constexpr const char *json_schema_name = "klass-report/1";

/**
 * The verdict as JSON. A byte of the guest's or the submission's that is not UTF-8 becomes U+FFFD,
 * so that the report can always be written and read; a metric that is no number is left out.
 */
nlohmann::ordered_json json_report(const judge::Verdict &verdict);

/** One message of a tool, as the report has it. */
nlohmann::ordered_json json_of(const kernel::Diagnostic &diagnostic);

/**
 * The verdict that a report tells of, for `klass replay` and the gradebook.
 * @throws UsageError when it is not a klass-report/1, or breaks the schema; says where.
 */
judge::Verdict verdict_from_json(const nlohmann::ordered_json &report);

}  // namespace klass::report
