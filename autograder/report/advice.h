// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What `klass lint` found, for people and for programs. It knows no points.
 */
#pragma once

#include <string>
#include <vector>

#include "kernel/lint.h"
#include "report/text.h"

namespace klass::report {

/** Whose advice it is. */
struct AdviceReport {
    std::string stage;   ///< "04-chardev"
    std::string folder;  ///< the submission's, as the caller named it
    const kernel::LintResult &result;
};

/** Each remark with its line, what it means and where to read on; then how many there are. */
std::string advice_text(const AdviceReport &report, const TextStyle &style);

/** {"schema": "klass-lint/1", "stage", "build_error", "missing", "advice": [...]}. */
std::string advice_json(const AdviceReport &report);

/** SARIF 2.1.0, as sarif_report() writes it. */
std::string advice_sarif(const AdviceReport &report);

/** Workflow commands of GitHub Actions, as github_report() writes them. */
std::string advice_github(const AdviceReport &report);

}  // namespace klass::report
