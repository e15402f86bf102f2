// SPDX-License-Identifier: Apache-2.0
#include "report/advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/golden.h"

namespace klass::report {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

kernel::Advice remark(int line, const std::string &meaning) {
    return {.diagnostic = {.severity = "warning",
                           .file = "chardev.c",
                           .line = line,
                           .column = 9,
                           .message = "incorrect type in argument 1",
                           .option = {},
                           .text = "memcpy(buf, data, count);",
                           .tool = "sparse"},
            .meaning = meaning,
            .link = "https://docs.kernel.org/dev-tools/sparse.html"};
}

kernel::LintResult found() {
    return {
        .advice = {remark(47, "It is a user's pointer."), remark(60, "It is a user's pointer.")},
        .build_error = {},
        .missing = {"cppcheck"}};
}

std::size_t count(const std::string &text, const std::string &part) {
    std::size_t times = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at)
        ++times;
    return times;
}

TEST(Advice, TextHasPlaceLineMeaningAndLink) {
    const auto result = found();
    const std::string text =
        advice_text({.stage = "04-chardev", .folder = "me", .result = result}, TextStyle{});
    EXPECT_THAT(text, HasSubstr("chardev.c:47:9: warning: incorrect type"));
    EXPECT_THAT(text, HasSubstr("memcpy(buf, data, count);"));
    EXPECT_THAT(text, HasSubstr("https://docs.kernel.org/dev-tools/sparse.html"));
    EXPECT_THAT(text, HasSubstr("2 pieces of advice. None costs points."));
    EXPECT_THAT(text, HasSubstr("apt-get install cppcheck"));
    // Said once, not at each remark.
    EXPECT_EQ(count(text, "It is a user's pointer."), 1U);
}

TEST(Advice, NothingFoundIsSaid) {
    const kernel::LintResult result;
    const std::string text =
        advice_text({.stage = "04-chardev", .folder = "me", .result = result}, TextStyle{});
    EXPECT_EQ(text, "No advice: nothing was found.\n");
}

TEST(Advice, WhatDoesNotBuildIsNotCalledClean) {
    const kernel::LintResult result{.advice = {}, .build_error = "no Kbuild", .missing = {}};
    const std::string text =
        advice_text({.stage = "04-chardev", .folder = "me", .result = result}, TextStyle{});
    EXPECT_THAT(text, HasSubstr("does not build: no Kbuild"));
    EXPECT_THAT(text, Not(HasSubstr("No advice")));
}

TEST(Advice, Json) {
    const auto result = found();
    const json read =
        json::parse(advice_json({.stage = "04-chardev", .folder = "me", .result = result}));
    EXPECT_EQ(read["schema"], "klass-lint/1");
    EXPECT_EQ(read["stage"], "04-chardev");
    ASSERT_EQ(read["advice"].size(), 2U);
    EXPECT_EQ(read["advice"][0]["line"], 47);
    EXPECT_EQ(read["advice"][0]["tool"], "sparse");
    EXPECT_EQ(read["advice"][0]["link"], "https://docs.kernel.org/dev-tools/sparse.html");
}

TEST(Advice, SarifKeepsToItsSchemaAndDescribesItsRules) {
    const auto result = found();
    const json log =
        json::parse(advice_sarif({.stage = "04-chardev", .folder = "me", .result = result}));
    EXPECT_EQ(violations("sarif.schema.json", log), "");
    const json &run = log["runs"][0];
    ASSERT_EQ(run["results"].size(), 2U);
    ASSERT_EQ(run["tool"]["driver"]["rules"].size(), 1U);
    const json &rule = run["tool"]["driver"]["rules"][0];
    EXPECT_EQ(rule["helpUri"], "https://docs.kernel.org/dev-tools/sparse.html");
    EXPECT_EQ(rule["fullDescription"]["text"], "It is a user's pointer.");
}

TEST(Advice, GithubFindsTheFileInItsRepository) {
    const auto result = found();
    EXPECT_THAT(advice_github({.stage = "04-chardev", .folder = "ex/04", .result = result}),
                HasSubstr("file=ex/04/chardev.c,line=47"));
}

}  // namespace
}  // namespace klass::report
