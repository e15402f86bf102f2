// SPDX-License-Identifier: Apache-2.0
#include "report/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "report/golden.h"
#include "report/sample_verdicts.h"
#include "report/wrap.h"

namespace klass::report {
namespace {

using testing::HasSubstr;
using testing::Not;

class EachText : public testing::TestWithParam<samples::Sample> {};

TEST_P(EachText, ReadsLikeItsGoldenFile) {
    expect_golden(GetParam().name + ".txt", text_report(GetParam().verdict, {}));
}

TEST_P(EachText, FitsTheWidth) {
    for (const unsigned width : {60U, 80U, 132U}) {
        std::istringstream text(text_report(GetParam().verdict, {.width = width}));
        for (std::string line; std::getline(text, line);)
            EXPECT_LE(columns_of(line), width) << line;
    }
}

INSTANTIATE_TEST_SUITE_P(Samples, EachText, testing::ValuesIn(samples::all()),
                         [](const auto &sample) { return sample.param.name; });

TEST(TextReport, HasColoursAndPlainMarksWhenAsked) {
    expect_golden("partial-colour-ascii.txt",
                  text_report(samples::partial(), {.colour = true, .unicode = false, .width = 72}));
}

judge::Preview preview() {
    judge::Verdict seen = samples::partial();
    for (judge::CheckResult &check : seen.checks)
        if (check.status == judge::Status::skipped)
            check.actual = "its record of who allocated what";
    seen.checks.push_back({.id = "frees",
                           .title = "Nothing is left behind",
                           .status = judge::Status::skipped,
                           .actual = "fault injection"});
    return judge::preview_of(
        seen, {.not_shown = {{.id = "race", .needs = "a machine that counts instructions"}}});
}

TEST(PreviewText, ReadsLikeItsGoldenFile) {
    const TextStyle style{.list_passed = false};
    expect_golden("preview.txt", preview_heading(style) + preview_text(preview(), style));
}

TEST(PreviewText, OfNothingButGreenChecksIsNoVerdict) {
    judge::Preview all = preview();
    std::erase_if(all.checks,
                  [](const auto &check) { return check.status != judge::Status::passed; });
    const std::string text = preview_text(all, {});
    EXPECT_THAT(text, HasSubstr("Nothing red in "));
    EXPECT_THAT(text, HasSubstr("This is a preview, not a verdict"));
    EXPECT_THAT(text, HasSubstr("race (a machine that counts"));
    EXPECT_THAT(text, Not(HasSubstr("accepted")));
    EXPECT_THAT(text, Not(HasSubstr("points, ")));
}

TEST(PreviewText, OfABuildThatFailedIsTheCompilersWord) {
    judge::Preview failed;
    failed.build = samples::build_error().build;
    const std::string text = preview_text(failed, {});
    EXPECT_THAT(text, HasSubstr("The build failed: "));
    EXPECT_THAT(text, HasSubstr("The verdict follows"));
}

TEST(TextReport, PrintsNothingThatATerminalObeys) {
    const std::string text = text_report(samples::hostile(), {});
    EXPECT_THAT(text, Not(HasSubstr("\033")));
    EXPECT_THAT(text, Not(HasSubstr("\r")));
}

TEST(TextReport, LetsNoTextForgeALineOfTheReport) {
    judge::Verdict verdict = samples::partial();
    const std::string forged = "x\n  + all is well\nfull marks";
    verdict.title = verdict.checks[1].title = verdict.checks[1].actual = forged;
    verdict.checks[1].difference = verdict.checks[1].hint = forged;
    verdict.checks[2].crash->frames[0].text = verdict.checks[2].crash->summary = forged;
    verdict.build.diagnostics[0].message = verdict.build.diagnostics[0].text = forged;
    verdict.build.diagnostics[0].file = verdict.kernel.release = forged;
    const std::string text = text_report(verdict, {.unicode = false});
    EXPECT_THAT(text, HasSubstr("all is well"));
    EXPECT_THAT(text, Not(HasSubstr("\n  + all is well")));
    EXPECT_THAT(text, Not(HasSubstr("\nfull marks")));
}

TEST(TextReport, KeepsTheSecretsOfHiddenChecks) {
    const std::string text = text_report(samples::partial(), {});
    EXPECT_THAT(text, Not(HasSubstr("secret")));
    EXPECT_THAT(text, HasSubstr("A count of 0 does nothing and returns 0"));
}

TEST(TextReport, LeavesOutPassedChecksThatWereShownLive) {
    const std::string text = text_report(samples::partial(), {.list_passed = false});
    EXPECT_THAT(text, Not(HasSubstr("What was written is read back")));
    EXPECT_THAT(text, HasSubstr("A reader reaches the end: cat stops"));
}

TEST(TextReport, ShowsFiguresEvenOfPassedChecksThatWereShownLive) {
    const std::string text = text_report(samples::accepted(), {.list_passed = false});
    EXPECT_THAT(text, HasSubstr("What was written is read back"));
    EXPECT_THAT(text, HasSubstr("What one call costs, in instructions per call"));
    EXPECT_THAT(text, Not(HasSubstr("/dev/cicv appears")));
}

TEST(TextReport, ShowsTheBuildsLastLinesWhenNoToolNamedAPlace) {
    judge::Verdict verdict = samples::build_error();
    verdict.build.diagnostics.clear();
    verdict.build.output.clear();
    for (int line = 1; line <= 25; ++line)
        verdict.build.output += "output " + std::to_string(line) + "\n";
    const std::string text = text_report(verdict, {});
    EXPECT_THAT(text, Not(HasSubstr("output 5\n")));
    EXPECT_THAT(text, HasSubstr("  output 6\n"));
    EXPECT_THAT(text, HasSubstr("  output 25\n"));
}

TEST(TextReport, BoundsTheDiagnostics) {
    judge::Verdict verdict = samples::build_error();
    verdict.build.diagnostics.resize(1);
    verdict.build.diagnostics.resize(13, verdict.build.diagnostics[0]);
    EXPECT_THAT(text_report(verdict, {}), HasSubstr("  and 3 more\n"));
}

TEST(TextReport, PutsNoCaretBesideTheLine) {
    judge::Verdict verdict = samples::build_error();
    verdict.build.diagnostics.resize(1);
    for (const int column : {0, 8, 500}) {
        verdict.build.diagnostics[0].column = column;
        EXPECT_THAT(text_report(verdict, {}), Not(HasSubstr("^"))) << column;
    }
    verdict.build.diagnostics[0].column = 9;
    EXPECT_THAT(text_report(verdict, {}), HasSubstr("\n    ^\n"));
}

}  // namespace
}  // namespace klass::report
