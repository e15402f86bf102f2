// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Gradescope's results.json.
 *
 * https://gradescope-autograders.readthedocs.io/en/latest/specs/; what Klass writes of it is
 * gradescope.schema.json beside this file.
 */
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "judge/verdict.h"

namespace klass::report {

/**
 * The score, a text for the student, and a test for each check. When the grader failed there is
 * neither score nor test, only a text that says so: Gradescope then takes the autograder for
 * failed, and records no zero.
 */
nlohmann::ordered_json gradescope_results(const judge::Verdict &verdict);

/** The same as bytes. */
std::string gradescope_report(const judge::Verdict &verdict);

}  // namespace klass::report
