// SPDX-License-Identifier: Apache-2.0
#include "util/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.h"

namespace klass {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Csv, ReadsPlainAndQuotedFields) {
    const auto records = parse_csv("id,name\r\nada,\"Lovelace, \"\"Ada\"\"\"\n", "roster.csv");
    ASSERT_EQ(records.size(), 2U);
    EXPECT_THAT(records[0].fields, ElementsAre("id", "name"));
    EXPECT_THAT(records[1].fields, ElementsAre("ada", "Lovelace, \"Ada\""));
    EXPECT_EQ(records[1].line, 2U);
}

TEST(Csv, PassesOverAByteOrderMarkAndEmptyLines) {
    const auto records = parse_csv("\xEF\xBB\xBFid,name\n\n\nada,\n", "roster.csv");
    ASSERT_EQ(records.size(), 2U);
    EXPECT_THAT(records[0].fields, ElementsAre("id", "name"));
    EXPECT_THAT(records[1].fields, ElementsAre("ada", ""));
    EXPECT_EQ(records[1].line, 4U);
}

TEST(Csv, CountsTheLinesOfQuotedFields) {
    const auto records = parse_csv("a,\"two\nlines\"\nb,c", "t.csv");
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[1].line, 3U);
    EXPECT_THAT(records[1].fields, ElementsAre("b", "c"));
}

std::string complaint(std::string_view text) {
    try {
        parse_csv(text, "roster.csv");
    } catch (const UsageError &error) {
        return error.what();
    }
    return "none";
}

TEST(Csv, SaysInWhichLineAQuoteIsWrong) {
    EXPECT_THAT(complaint("id,name\nada,\"Ada\n\n"), HasSubstr("roster.csv:2: a quote is not"));
    EXPECT_THAT(complaint("id,name\nada,\"Ada\"x\n"), HasSubstr("roster.csv:2: a comma"));
    EXPECT_THAT(complaint("id,name\nada,A\"da\n"), HasSubstr("roster.csv:2: a quote stands"));
}

TEST(Csv, WritesWhatItReads) {
    const std::vector<std::string> fields{"", "a,b", "say \"hi\"", "two\nlines", "plain"};
    const auto records = parse_csv(csv_line(fields), "t.csv");
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].fields, fields);
}

TEST(Csv, NoTextIsAFormula) {
    for (const char *text : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1"})
        EXPECT_EQ(not_a_formula(text), "'" + std::string(text));
    EXPECT_EQ(not_a_formula("Ada = Lovelace"), "Ada = Lovelace");
    EXPECT_EQ(not_a_formula(""), "");
}

}  // namespace
}  // namespace klass
