// SPDX-License-Identifier: Apache-2.0
#include "report/gradescope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/golden.h"
#include "report/sample_verdicts.h"

namespace klass::report {
namespace {

using testing::HasSubstr;

class EachGradescope : public testing::TestWithParam<samples::Sample> {};

TEST_P(EachGradescope, IsValidByItsSchema) {
    EXPECT_EQ(violations("gradescope.schema.json", gradescope_results(GetParam().verdict)), "");
}

INSTANTIATE_TEST_SUITE_P(Samples, EachGradescope, testing::ValuesIn(samples::all()),
                         [](const auto &sample) { return sample.param.name; });

TEST(GradescopeResults, HoldTheScoreAndATestForEachCheck) {
    const auto results = gradescope_results(samples::partial());
    EXPECT_EQ(results["score"], 6);
    EXPECT_EQ(results["execution_time"], 4.321);
    ASSERT_EQ(results["tests"].size(), 6U);
    EXPECT_EQ(results["tests"][0]["status"], "passed");
    EXPECT_EQ(results["tests"][1]["status"], "failed");
    EXPECT_EQ(results["tests"][1]["number"], "2");
    EXPECT_EQ(results["tests"][1]["max_score"], 6);
    EXPECT_THAT(results["tests"][1]["output"], HasSubstr("expected  5 bytes"));
    EXPECT_THAT(results["output"], HasSubstr("unused variable"));
}

TEST(GradescopeResults, RecordNoZeroWhenTheGraderFailed) {
    const auto results = gradescope_results(samples::judge_error());
    EXPECT_FALSE(results.contains("score"));
    EXPECT_FALSE(results.contains("tests"));
    EXPECT_THAT(results["output"], HasSubstr("The grader failed, not you"));
}

TEST(GradescopeResults, ScoreAFailedBuildWithTheCompilersWords) {
    const auto results = gradescope_results(samples::build_error());
    EXPECT_EQ(results["score"], 0);
    EXPECT_THAT(results["output"], HasSubstr("chardev.c:58:15: error:"));
}

TEST(GradescopeSchema, IsStrict) {
    auto results = gradescope_results(samples::partial());
    results.erase("score");
    EXPECT_NE(violations("gradescope.schema.json", results), "");
    results = gradescope_results(samples::partial());
    results["tests"][0]["status"] = "skipped";
    EXPECT_NE(violations("gradescope.schema.json", results), "");
}

}  // namespace
}  // namespace klass::report
