// SPDX-License-Identifier: Apache-2.0
#include "report/table_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "report/sample_verdicts.h"
#include "report/wrap.h"

namespace klass::report {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(const std::vector<double> &figures) {
    return figure_texts(figures);
}

TEST(FigureTexts, GroupDigitsAndShareTheirDecimals) {
    EXPECT_THAT(texts({1, 1024, 524288}), ElementsAre("1", "1,024", "524,288"));
    EXPECT_THAT(texts({312.4, 1045123.9}), ElementsAre("312", "1,045,124"));
    EXPECT_THAT(texts({1.25, 1024}), ElementsAre("1.25", "1,024.00"));
    EXPECT_THAT(texts({0.0124, 3}), ElementsAre("0.0124", "3.0000"));
    EXPECT_THAT(texts({-1500.5, -0.0}), ElementsAre("-1,500", "0"));
    EXPECT_THAT(texts({0.5}), ElementsAre("0.5"));
    EXPECT_THAT(texts({99.9999}), ElementsAre("100"));
    EXPECT_THAT(texts({}), ElementsAre());
}

TEST(FigureTexts, SurviveWhatIsNoFigure) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    EXPECT_THAT(texts({nan, 7, infinity}), ElementsAre("-", "7", "-"));
    EXPECT_THAT(texts({1e300, -2e15}), ElementsAre("1e+300", "-2e+15"));
}

TEST(TableLines, AlignFiguresUnderTheirNames) {
    const judge::Table table{.title = "What one operation costs",
                             .x_axis = "bytes",
                             .unit = "instructions per operation",
                             .x = {1, 64, 524288},
                             .curves = {{"mymem_read", {312, 330, 1045123}},
                                        {"write through the device", {402.5, 421, 1045300}}}};
    EXPECT_EQ(caption(table), "What one operation costs, in instructions per operation");
    EXPECT_THAT(
        table_lines(table, 74),
        ElementsAre("                       write through", "  bytes   mymem_read      the device",
                    "      1          312             402", "     64          330             421",
                    "524,288    1,045,123       1,045,300"));
}

TEST(TableLines, PutWhatDoesNotFitIntoASecondTable) {
    judge::Table table{.x_axis = "x", .x = {1, 2}};
    for (const char *name : {"one", "two", "three"})
        table.curves.push_back({name, {1000000, 2000000}});
    EXPECT_THAT(table_lines(table, 26), ElementsAre("x         one         two",  //
                                                    "1   1,000,000   1,000,000",
                                                    "2   2,000,000   2,000,000",  //
                                                    "",                           //
                                                    "x       three",              //
                                                    "1   1,000,000",              //
                                                    "2   2,000,000"));
}

TEST(TableLines, FitAnyWidthThatAReportHas) {
    for (const judge::CheckResult &check : samples::hostile().checks)
        for (const judge::Table &table : check.tables)
            for (const std::size_t width : {54U, 74U})
                for (const std::string &line : table_lines(table, width))
                    EXPECT_LE(columns_of(line), width) << line;
    ASSERT_FALSE(samples::hostile().checks.front().tables.empty());
}

}  // namespace
}  // namespace klass::report
