// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What the tests of the formats compare with: files of report/testdata, and schemas.
 */
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace klass::report {

/**
 * Expects that the text is that of report/testdata/NAME. KLASS_UPDATE_GOLDEN=1 in the environment
 * writes the file instead; look at what changed before you commit it.
 */
void expect_golden(const std::string &name, const std::string &text);

/** What a schema of report/, by its file's name, has against a document; empty when it is valid. */
std::string violations(const std::string &schema, const nlohmann::ordered_json &document);

}  // namespace klass::report
