// SPDX-License-Identifier: Apache-2.0
#include "report/ktap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "report/sample_verdicts.h"

namespace klass::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(KtapReport, TellsHowEachCheckEnded) {
    const std::string text = ktap_report(samples::partial());
    EXPECT_THAT(text, testing::StartsWith("KTAP version 1\n1..1\n  KTAP version 1\n  1..7\n"));
    EXPECT_THAT(text, HasSubstr("\n  ok 1 build\n"));
    EXPECT_THAT(text, HasSubstr("\n  ok 2 reads-back\n"));
    EXPECT_THAT(text, HasSubstr("\n  not ok 3 end-of-file\n"));
    EXPECT_THAT(text, HasSubstr("\n  not ok 4 busy-while-open\n"));
    EXPECT_THAT(text, HasSubstr("\n  not ok 5 concurrent-writers # TIMEOUT 20 s\n"));
    EXPECT_THAT(text, HasSubstr("\n  ok 7 reload # SKIP It was not run.\n"));
    EXPECT_THAT(text, testing::EndsWith("\nnot ok 1 04-chardev\n"));
}

TEST(KtapReport, TakesNoFailureOfTheGraderForOneOfTheStudent) {
    const std::string text = ktap_report(samples::judge_error());
    EXPECT_THAT(text, Not(HasSubstr("not ok")));
    EXPECT_THAT(text, HasSubstr("\nok 1 04-chardev # SKIP The grader failed"));
}

TEST(KtapReport, LetsNoTextForgeALine) {
    judge::Verdict verdict = samples::hostile();
    verdict.checks[0].title = "x\nok 9 forged # SKIP";
    verdict.judge_error = "y\nok 9 forged # SKIP";
    tally(verdict);
    std::istringstream text(ktap_report(verdict));
    const std::regex known(R"( *(KTAP version 1|1\.\.\d+|# [a-z0-9-]+: .*|)"
                           R"((not )?ok \d+ [a-z0-9-]+( # (SKIP|TIMEOUT) [^#]*)?))");
    unsigned results = 0;
    for (std::string line; std::getline(text, line);) {
        EXPECT_TRUE(std::regex_match(line, known)) << line;
        results += line.find("ok ") < line.find('#') ? 1 : 0;
    }
    EXPECT_EQ(results, 3U);
}

}  // namespace
}  // namespace klass::report
