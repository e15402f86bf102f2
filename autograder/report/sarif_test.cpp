// SPDX-License-Identifier: Apache-2.0
#include "report/sarif.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/golden.h"
#include "report/sample_verdicts.h"

namespace klass::report {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

Json run_of(const judge::Verdict &verdict) {
    return sarif_log(verdict)["runs"][0];
}

class EachSarif : public testing::TestWithParam<samples::Sample> {};

TEST_P(EachSarif, IsValidByItsSchema) {
    EXPECT_EQ(violations("sarif.schema.json", sarif_log(GetParam().verdict)), "");
}

TEST_P(EachSarif, DescribesTheRuleOfEachResult) {
    const Json run = run_of(GetParam().verdict);
    for (const Json &result : run["results"])
        EXPECT_EQ(run["tool"]["driver"]["rules"][result["ruleIndex"].get<std::size_t>()]["id"],
                  result["ruleId"]);
}

INSTANTIATE_TEST_SUITE_P(Samples, EachSarif, testing::ValuesIn(samples::all()),
                         [](const auto &sample) { return sample.param.name; });

TEST(SarifLog, PointsAtTheLinesOfCompilerAndKernel) {
    const Json run = run_of(samples::partial());
    ASSERT_EQ(run["results"].size(), 2U);
    const Json &warning = run["results"][0];
    EXPECT_EQ(warning["ruleId"], "gcc/-Wunused-variable");
    EXPECT_EQ(warning["level"], "warning");
    const Json &place = warning["locations"][0]["physicalLocation"];
    EXPECT_EQ(place["artifactLocation"]["uri"], "chardev.c");
    EXPECT_EQ(place["region"]["startLine"], 57);
    EXPECT_EQ(place["region"]["startColumn"], 10) << "a tab is one character";
    const Json &crash = run["results"][1];
    EXPECT_EQ(crash["ruleId"], "kernel/kasan");
    EXPECT_EQ(crash["locations"][0]["physicalLocation"]["region"]["startLine"], 58);
    EXPECT_EQ(crash["properties"]["check"], "busy-while-open");
    ASSERT_EQ(crash["stacks"].size(), 2U);
    EXPECT_EQ(crash["stacks"][1]["message"]["text"], "freed");
    EXPECT_TRUE(run["invocations"][0]["executionSuccessful"]);
}

TEST(SarifLog, HasNoPlaceForAMessageOfNoFile) {
    const Json run = run_of(samples::build_error());
    EXPECT_EQ(run["results"][1]["ruleId"], "modpost");
    EXPECT_FALSE(run["results"][1].contains("locations"));
}

TEST(SarifLog, SaysThatTheGraderFailed) {
    const Json run = run_of(samples::judge_error());
    EXPECT_TRUE(run["results"].empty());
    EXPECT_FALSE(run["invocations"][0]["executionSuccessful"]);
    EXPECT_THAT(run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"],
                HasSubstr("no space left"));
}

TEST(SarifLog, WritesAPathAsAUri) {
    judge::Verdict verdict = samples::partial();
    verdict.build.diagnostics[0].file = "my driver/caf\u00e9#1.c";
    EXPECT_EQ(
        run_of(
            verdict)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "my%20driver/caf%C3%A9%231.c");
}

TEST(SarifSchema, IsStrict) {
    Json log = sarif_log(samples::partial());
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0;
    EXPECT_NE(violations("sarif.schema.json", log), "");
    log = sarif_log(samples::partial());
    log["runs"][0]["results"][0]["place"] = "chardev.c";
    EXPECT_NE(violations("sarif.schema.json", log), "");
}

}  // namespace
}  // namespace klass::report
