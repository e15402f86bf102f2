// SPDX-License-Identifier: Apache-2.0
#include "report/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "util/digest.h"

namespace klass::report {

void expect_golden(const std::string &name, const std::string &text) {
    const std::string file = KLASS_SOURCE_DIR "/autograder/report/testdata/" + name;
    if (std::getenv("KLASS_UPDATE_GOLDEN") != nullptr)
        write_file_atomically(file, text);
    EXPECT_EQ(text, read_file(file)) << "KLASS_UPDATE_GOLDEN=1 updates " << file;
}

std::string violations(const std::string &schema, const nlohmann::ordered_json &document) {
    const auto plain = [](const std::string &text) { return nlohmann::json::parse(text); };
    const nlohmann::json schema_text =
        plain(read_file(KLASS_SOURCE_DIR "/autograder/report/" + schema));
    valijson::Schema parsed;
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_text), parsed);
    const nlohmann::json checked = plain(document.dump());
    valijson::ValidationResults results;
    valijson::Validator().validate(parsed, valijson::adapters::NlohmannJsonAdapter(checked),
                                   &results);
    std::string text;
    for (valijson::ValidationResults::Error error; results.popError(error);) {
        for (const std::string &step : error.context)
            text += step;
        text += ": " + error.description + "\n";
    }
    return text;
}

}  // namespace klass::report
