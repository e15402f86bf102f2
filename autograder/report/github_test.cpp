// SPDX-License-Identifier: Apache-2.0
#include "report/github.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "report/sample_verdicts.h"

namespace klass::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(GithubEscapes, AreThoseOfItsToolkit) {
    EXPECT_EQ(github_message("100 % of a:b, c\r\nnext"), "100 %25 of a:b, c%0D%0Anext");
    EXPECT_EQ(github_property("100 % of a:b, c\r\nnext"), "100 %25 of a%3Ab%2C c%0D%0Anext");
    EXPECT_EQ(github_message("%0A"), "%250A") << "what was escaped already is not a line end";
}

TEST(GithubReport, PointsAtTheLinesOfCompilerAndKernel) {
    const std::string text = github_report(samples::partial());
    EXPECT_THAT(text, HasSubstr("::warning title=gcc,file=solutions/04-chardev/chardev.c,line=57,"
                                "col=10::unused variable 'ret' [-Wunused-variable]\n"));
    EXPECT_THAT(text, HasSubstr("::error title=It cannot be unloaded while a file is open,"
                                "file=solutions/04-chardev/chardev.c,line=58::BUG: KASAN"));
    EXPECT_THAT(text, HasSubstr("::error title=A reader reaches the end%3A cat stops::expected"));
    EXPECT_THAT(text, HasSubstr("::notice title=04-chardev::partial: 6 of 29.5 points"));
}

TEST(GithubReport, NamesNoLineWhereThereIsNone) {
    const std::string text = github_report(samples::build_error());
    EXPECT_THAT(text, HasSubstr("::error title=modpost::\"mymem_read\" [chardev.ko] undefined!\n"));
    EXPECT_THAT(text, HasSubstr("::error title=04-chardev::The build failed"));
}

TEST(GithubReport, TakesNoFailureOfTheGraderForAnError) {
    const std::string text = github_report(samples::judge_error());
    EXPECT_THAT(text, Not(HasSubstr("::error")));
    EXPECT_THAT(text, HasSubstr("::warning title=04-chardev::The grader failed, not you"));
}

TEST(GithubReport, LetsNoTextForgeACommand) {
    std::istringstream text(github_report(samples::hostile()));
    const std::regex command(
        "::(error|warning|notice) title=[^:,]*(,file=[^:,]*(,line=[0-9]+"
        "(,col=[0-9]+)?)?)?::.+");
    unsigned count = 0;
    for (std::string line; std::getline(text, line); ++count)
        EXPECT_TRUE(std::regex_match(line, command)) << line;
    EXPECT_EQ(count, 3U) << "the warning, the check, the summary";
}

}  // namespace
}  // namespace klass::report
