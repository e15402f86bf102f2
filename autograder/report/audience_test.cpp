// SPDX-License-Identifier: Apache-2.0
#include "report/audience.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/json.h"
#include "report/sample_verdicts.h"

namespace klass::report {
namespace {

TEST(ForStudent, LeavesNothingOfAHiddenCheckButItsPoints) {
    const judge::Verdict whole = samples::partial();
    const judge::Verdict shown = for_student(whole);
    ASSERT_EQ(shown.checks.size(), whole.checks.size());
    for (std::size_t index = 0; index < whole.checks.size(); ++index) {
        const judge::CheckResult &check = shown.checks[index];
        EXPECT_EQ(check.id, whole.checks[index].id);
        EXPECT_EQ(check.title, whole.checks[index].title);
        EXPECT_EQ(check.status, whole.checks[index].status);
        EXPECT_EQ(check.score, whole.checks[index].score);
        EXPECT_EQ(check.max_score, whole.checks[index].max_score);
        EXPECT_EQ(check.hidden, whole.checks[index].hidden);
        EXPECT_EQ(check.expected, check.hidden ? "" : whole.checks[index].expected);
    }
    EXPECT_NE(json_report(whole).dump().find("secret"), std::string::npos);
    EXPECT_EQ(json_report(shown).dump().find("secret"), std::string::npos);
}

}  // namespace
}  // namespace klass::report
