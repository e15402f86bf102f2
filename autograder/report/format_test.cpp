// SPDX-License-Identifier: Apache-2.0
#include "report/format.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "report/audience.h"
#include "report/golden.h"
#include "report/json.h"
#include "report/sample_verdicts.h"
#include "util/error.h"

namespace klass::report {
namespace {

TEST(Formats, AreFoundByNameAndEndInALineEnd) {
    std::set<std::string_view> names;
    for (const Format &format : formats()) {
        EXPECT_TRUE(names.insert(format.name).second) << format.name << " stands twice";
        EXPECT_FALSE(format.description.empty());
        EXPECT_EQ(&format_from(format.name), &format);
        EXPECT_TRUE(format.render(samples::partial(), {}).ends_with("\n")) << format.name;
    }
    EXPECT_EQ(formats().front().name, "text");
}

TEST(Formats, RenderTheVerdict) {
    const judge::Verdict verdict = samples::accepted();
    EXPECT_EQ(format_from("text").render(verdict, {}), text_report(verdict, {}));
    EXPECT_EQ(nlohmann::ordered_json::parse(format_from("json").render(verdict, {})),
              json_report(verdict));
}

TEST(Formats, NamesThoseThatThereAre) {
    try {
        format_from("xml");
        FAIL() << "there is no format xml";
    } catch (const UsageError &error) {
        EXPECT_STREQ(error.what(), "there is no report format \"xml\"");
        EXPECT_EQ(error.way_out(),
                  "the formats are text, json, html, junit, ktap, gradescope, sarif, github");
        EXPECT_EQ(error.way_out(), "the formats are " + format_names());
    }
}

class EachSample : public testing::TestWithParam<samples::Sample> {};

TEST_P(EachSample, IsItsGoldenFileInEveryFormat) {
    const judge::Verdict shown = for_student(GetParam().verdict);
    for (const Format &format : formats())
        if (format.name != "text")
            expect_golden(GetParam().name + "." + std::string(format.name),
                          format.render(shown, {}));
}

TEST_P(EachSample, KeepsTheSecretsOfHiddenChecksInFormatsForStudents) {
    for (const Format &format : formats()) {
        const std::string text = format.render(GetParam().verdict, {});
        EXPECT_TRUE(format.name == "json" || text.find("secret") == std::string::npos)
            << format.name;
    }
}

INSTANTIATE_TEST_SUITE_P(Samples, EachSample, testing::ValuesIn(samples::all()),
                         [](const auto &sample) { return sample.param.name; });

}  // namespace
}  // namespace klass::report
