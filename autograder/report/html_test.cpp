// SPDX-License-Identifier: Apache-2.0
// What a page holds. That a browser shows it, html_browser_test.py proves.
#include "report/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/sample_verdicts.h"

namespace klass::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(HtmlReport, TellsTheStoryOfAFailedCheck) {
    const std::string page = html_report(samples::partial());
    EXPECT_THAT(page, HasSubstr("A reader reaches the end: cat stops"));
    EXPECT_THAT(page, HasSubstr("read(3, 4,096 bytes) = 4,096, 5 times"));
    EXPECT_THAT(page, HasSubstr("5 bytes, and then 0: the end of the file"));
    EXPECT_THAT(page, HasSubstr("0000  48 65 6c 6c 6f 00"));
    EXPECT_THAT(page, HasSubstr("chardev.c:58 in cicv_copy"));
    EXPECT_THAT(page, HasSubstr("freed: chardev.c:188 in cicv_exit"));
    EXPECT_THAT(page, HasSubstr("Chapter 4, Reading (ch04-read)"));
    EXPECT_THAT(page, HasSubstr("klass replay report.json end-of-file"));
    EXPECT_THAT(page, HasSubstr("cicv: registered with major 248"));
    EXPECT_THAT(page, HasSubstr("chardev.c:57:17"));
}

TEST(HtmlReport, FoldsWhatAPassedCheckDid) {
    EXPECT_THAT(html_report(samples::partial()),
                HasSubstr("<summary>What was written is read back, and nothing more</summary>"
                          "<ol><li>open(/dev/cicv, O_RDWR) = 3</li>"));
}

TEST(HtmlReport, ShowsTheFiguresOfAPassedCheck) {
    const std::string page = html_report(samples::accepted());
    EXPECT_THAT(page, HasSubstr("What one call costs, in instructions per call"));
    EXPECT_THAT(page, HasSubstr("<td>1,024</td><td>1,330</td>"));
    EXPECT_THAT(page, HasSubstr("<svg class=\"plot\""));
    EXPECT_THAT(page, HasSubstr("12,345"));
}

TEST(HtmlReport, ShowsAPictureAndWhatIsMarkedInIt) {
    const std::string page = html_report(samples::accepted());
    EXPECT_THAT(page, HasSubstr("<figcaption>Two pixels</figcaption>"));
    EXPECT_THAT(page, HasSubstr("<image href=\"data:image/png;base64,iVBORw0KGgo"));
    EXPECT_THAT(page, HasSubstr("<line x1=\"1.5\" y1=\"0.5\" x2=\"0.5\" y2=\"0.5\">"));
    EXPECT_THAT(page, HasSubstr("red &lt;one&gt;</text>"));
}

TEST(HtmlReport, SaysThatTheGraderFailedAndShowsNoPoints) {
    const std::string page = html_report(samples::judge_error());
    EXPECT_THAT(page, HasSubstr("The grader failed, not you: no virtual machine"));
    EXPECT_THAT(page, Not(HasSubstr("of 6 points")));
}

TEST(HtmlReport, HoldsNoElementThatASubmissionWrote) {
    const std::string page = html_report(samples::hostile());
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;document.title = 'forged'&lt;/script&gt;"));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_EQ(page.find('\033'), std::string::npos);
    EXPECT_EQ(page.find('\r'), std::string::npos);
}

TEST(HtmlReport, HoldsWhatWentOverTheCableWhereACheckLostPoints) {
    const std::string page = html_report(samples::partial());
    EXPECT_THAT(page, HasSubstr("download=\"concurrent-writers-before.pcap\""));
    EXPECT_THAT(page, HasSubstr("data:application/vnd.tcpdump.pcap;base64,1MOyoQI="));
}

TEST(HtmlReport, FetchesNothing) {
    for (const samples::Sample &sample : samples::all()) {
        const std::string page = html_report(sample.verdict);
        for (const char *what : {"http:", "https:", "url(", "@import", "src=", "<link"})
            EXPECT_THAT(page, Not(HasSubstr(what)));
    }
}

}  // namespace
}  // namespace klass::report
