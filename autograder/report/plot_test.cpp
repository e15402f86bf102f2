// SPDX-License-Identifier: Apache-2.0
#include "report/plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "report/markup.h"
#include "report/sample_verdicts.h"

namespace klass::report {
namespace {

using judge::Table;
using testing::HasSubstr;
using testing::Not;

std::string plot_of(const Table &table) {
    pugi::xml_document document;
    pugi::xml_node node = add(document, "figure");
    add_plot(node, table);
    return html_text(node);
}

Table costs() {
    return {.title = "What one call costs",
            .x_axis = "bytes",
            .unit = "instructions",
            .x = {1, 64, 1024, 65536, 524288},
            .curves = {{"read", {100, 110, 200, 10000, 100000}},
                       {"write", {120, 130, 240, 12000, 110000}}}};
}

/** The x or y of each mark on a curve, without the mark beside its name. */
std::vector<double> places(const std::string &plot, const std::string &curve, int axis) {
    pugi::xml_document document;
    document.load_string(plot.c_str());
    std::vector<double> result;
    const std::string path = "//g[contains(@class,'" + curve + "')]/path[@class='mark']";
    for (const auto &mark : document.select_nodes(path.c_str())) {
        double x = 0;
        double y = 0;
        std::sscanf(mark.node().attribute("transform").value(), "translate(%lf,%lf)", &x, &y);
        result.push_back(axis == 0 ? x : y);
    }
    result.pop_back();
    return result;
}

TEST(Plot, IsLogarithmicBeyondTwoDecades) {
    const auto x = places(plot_of(costs()), "curve-1", 0);
    ASSERT_EQ(x.size(), 5U);
    const double full = std::log(524288);
    EXPECT_NEAR((x[2] - x[0]) / (x[4] - x[0]), std::log(1024) / full, 1e-3);
    const auto y = places(plot_of(costs()), "curve-1", 1);
    EXPECT_NEAR((y[3] - y[0]) / (y[4] - y[0]), 2.0 / 3, 1e-2);
    EXPECT_LT(y[4], y[0]) << "more is higher up";
}

TEST(Plot, IsLinearWithinTwoDecades) {
    Table table = costs();
    table.x = {1, 2, 3, 50, 100};
    const auto x = places(plot_of(table), "curve-1", 0);
    EXPECT_NEAR((x[3] - x[0]) / (x[4] - x[0]), 49.0 / 99, 1e-2);
    const auto y = places(plot_of(table), "curve-1", 1);
    EXPECT_NEAR((y[3] - y[0]) / (y[4] - y[0]), 9900.0 / 99900, 1e-2);
}

TEST(Plot, HasAtLeastThreeTicksUpward) {
    for (const double factor : {1.0, 1.3, 2.0, 30.0, 1e6, 1e12}) {
        Table table = costs();
        table.curves = {{"read", {100, 101, 100 * factor, 101, 100}}};
        pugi::xml_document document;
        document.load_string(plot_of(table).c_str());
        const auto lines = document.select_nodes("//line[@class='grid']").size();
        EXPECT_GE(lines, 3U) << factor;
        EXPECT_LE(lines, 9U) << factor;
    }
}

TEST(Plot, ExplainsItselfToAScreenReader) {
    const std::string plot = plot_of(costs());
    EXPECT_THAT(plot, HasSubstr("role=\"img\"><title>What one call costs, in instructions"));
    EXPECT_THAT(plot, HasSubstr("Curves of read, write over bytes, on logarithmic axes."));
    EXPECT_THAT(plot, HasSubstr(">524,288</text>"));
}

TEST(Plot, LeavesAGapWhereNothingWasMeasured) {
    Table table = costs();
    table.curves[0].values[2] = std::numeric_limits<double>::quiet_NaN();
    const std::string plot = plot_of(table);
    EXPECT_EQ(places(plot, "curve-1", 0).size(), 4U);
    EXPECT_THAT(plot, Not(HasSubstr("nan")));
}

TEST(Plot, SpreadsNamesThatWouldStandUponEachOther) {
    Table table = costs();
    table.curves.clear();
    for (int i = 0; i < 6; ++i)
        table.curves.push_back({"curve " + std::to_string(i), {1, 2, 3, 4, 5}});
    pugi::xml_document document;
    document.load_string(plot_of(table).c_str());
    double last = -1e9;
    for (const auto &name : document.select_nodes("//g/text")) {
        const double y = name.node().attribute("y").as_double();
        EXPECT_GE(y, last + 17);
        last = y;
    }
    EXPECT_LT(last, 330);
}

TEST(Plot, DrawsNothingOfWhatCannotBeDrawn) {
    pugi::xml_document document;
    Table one = costs();
    one.x = {1};
    one.curves = {{"read", {3}}};
    EXPECT_FALSE(add_plot(document, one));
    Table none = costs();
    for (judge::Curve &curve : none.curves)
        curve.values.assign(5, std::numeric_limits<double>::quiet_NaN());
    EXPECT_FALSE(add_plot(document, none));
    Table huge = costs();
    huge.curves[0].values = {-1.7e308, 1.7e308, 0, 1, 2};
    EXPECT_FALSE(add_plot(document, huge));
    EXPECT_TRUE(document.first_child().empty());
}

}  // namespace
}  // namespace klass::report
