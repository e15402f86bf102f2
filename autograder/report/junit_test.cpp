// SPDX-License-Identifier: Apache-2.0
#include "report/junit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <pugixml.hpp>

#include "report/sample_verdicts.h"
#include "util/digest.h"
#include "util/subprocess.h"
#include "util/temporary_folder.h"

namespace klass::report {
namespace {

using testing::HasSubstr;

pugi::xml_document parsed(const judge::Verdict &verdict) {
    pugi::xml_document document;
    const auto result = document.load_string(junit_report(verdict).c_str());
    EXPECT_TRUE(result) << result.description();
    return document;
}

pugi::xml_node test_of(const pugi::xml_document &document, const std::string &group) {
    return document.select_node(("//testcase[@classname='" + group + "']").c_str()).node();
}

class EachJunit : public testing::TestWithParam<samples::Sample> {};

TEST_P(EachJunit, IsValidByItsSchema) {
    const TemporaryFolder folder("test");
    const std::string file = folder.path() / "report.xml";
    write_file_atomically(file, junit_report(GetParam().verdict));
    const Outcome outcome = run({.argv = {find_program("xmllint"), "--noout", "--schema",
                                          KLASS_SOURCE_DIR "/autograder/report/junit.xsd", file}});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
}

TEST_P(EachJunit, CountsWhatItHolds) {
    const pugi::xml_document document = parsed(GetParam().verdict);
    for (const char *node : {"//testsuites", "//testsuite"}) {
        const pugi::xml_node suite = document.select_node(node).node();
        const auto count = [&](const char *path) { return document.select_nodes(path).size(); };
        EXPECT_EQ(suite.attribute("tests").as_uint(), count("//testcase"));
        EXPECT_EQ(suite.attribute("failures").as_uint(), count("//failure"));
        EXPECT_EQ(suite.attribute("errors").as_uint(), count("//error"));
        EXPECT_EQ(suite.attribute("skipped").as_uint(), count("//skipped"));
        EXPECT_EQ(suite.attribute("tests").as_uint(), GetParam().verdict.checks.size() + 1);
    }
}

INSTANTIATE_TEST_SUITE_P(Samples, EachJunit, testing::ValuesIn(samples::all()),
                         [](const auto &sample) { return sample.param.name; });

TEST(JunitReport, TellsHowEachCheckEnded) {
    const pugi::xml_document document = parsed(samples::partial());
    EXPECT_TRUE(test_of(document, "04-chardev.build").child("failure").empty());
    EXPECT_TRUE(test_of(document, "04-chardev.reads-back").first_child().empty());
    const auto type = [&](const char *group) {
        return std::string(test_of(document, group).child("failure").attribute("type").value());
    };
    EXPECT_EQ(type("04-chardev.end-of-file"), "failed");
    EXPECT_EQ(type("04-chardev.busy-while-open"), "kasan");
    EXPECT_EQ(type("04-chardev.concurrent-writers"), "timeout");
    EXPECT_FALSE(test_of(document, "04-chardev.reload").child("skipped").empty());
    EXPECT_THAT(test_of(document, "04-chardev.busy-while-open").child("failure").text().get(),
                HasSubstr("chardev.c:58, in cicv_copy"));
}

TEST(JunitReport, TakesNoFailureOfTheGraderForOneOfTheStudent) {
    const pugi::xml_document document = parsed(samples::judge_error());
    EXPECT_EQ(document.select_nodes("//failure").size(), 0U);
    EXPECT_EQ(document.select_nodes("//error").size(), 2U);
}

TEST(JunitReport, ShowsTheFailedBuild) {
    const pugi::xml_node failure =
        test_of(parsed(samples::build_error()), "04-chardev.build").child("failure");
    EXPECT_THAT(failure.attribute("message").value(), HasSubstr("the compiler found 2 errors"));
    EXPECT_THAT(failure.text().get(), HasSubstr("chardev.c:58:15: error:"));
}

}  // namespace
}  // namespace klass::report
