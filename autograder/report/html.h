// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The report as one page: to be read in a browser, printed, kept or sent.
 */
#pragma once

#include <string>

#include "judge/verdict.h"

namespace klass::report {

/**
 * A page of its own, without script and without anything that must be fetched. Light or dark as
 * the reader's system is. Of hidden checks only title and points.
 */
std::string html_report(const judge::Verdict &verdict);

}  // namespace klass::report
