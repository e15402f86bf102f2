// SPDX-License-Identifier: Apache-2.0
#include "report/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/golden.h"
#include "report/sample_verdicts.h"
#include "util/error.h"

namespace klass::report {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

/** What the published schema has against a report. */
std::string violations(const Json &report) {
    return report::violations("report.schema.json", report);
}

class EachVerdict : public testing::TestWithParam<samples::Sample> {};

TEST_P(EachVerdict, IsValidByTheSchema) {
    EXPECT_EQ(violations(json_report(GetParam().verdict)), "");
}

TEST_P(EachVerdict, ComesBackAsItWas) {
    const Json report = json_report(GetParam().verdict);
    EXPECT_EQ(json_report(verdict_from_json(report)), report);
    EXPECT_EQ(Json::parse(report.dump()), report);
}

INSTANTIATE_TEST_SUITE_P(Samples, EachVerdict, testing::ValuesIn(samples::all()),
                         [](const auto &sample) { return sample.param.name; });

TEST(JsonReport, KeepsTheContract) {
    const Json report = json_report(samples::partial());
    EXPECT_EQ(report["schema"], "klass-report/1");
    EXPECT_EQ(report["stage"], "04-chardev");
    EXPECT_EQ(report["verdict"], "partial");
    EXPECT_EQ(report["score"], 6);
    EXPECT_EQ(report["max_score"], 29.5);
    EXPECT_EQ(report["seed"], 42);
    EXPECT_EQ(report["submission"]["sha256"].get<std::string>().size(), 64U);
    EXPECT_EQ(report["build"]["diagnostics"][0]["line"], 57);
    const Json &crashed = report["checks"][2];
    EXPECT_EQ(crashed["status"], "crashed");
    EXPECT_EQ(crashed["duration_ms"], 240);
    EXPECT_EQ(crashed["crash"]["kind"], "kasan");
    EXPECT_EQ(crashed["crash"]["frames"][0]["function"], "cicv_copy");
    EXPECT_EQ(crashed["crash"]["frames"][0]["file"], "chardev.c");
    EXPECT_EQ(crashed["crash"]["frames"][0]["line"], 58);
    EXPECT_TRUE(report["checks"][0]["crash"].is_null());
    EXPECT_EQ(json_report(samples::accepted())["checks"][1]["metrics"]["instructions"], 12345);
}

TEST(JsonReport, HoldsTables) {
    const Json table = json_report(samples::accepted())["checks"][1]["tables"][0];
    EXPECT_EQ(table["title"], "What one call costs");
    EXPECT_EQ(table["x_axis"], "bytes");
    EXPECT_EQ(table["unit"], "instructions per call");
    EXPECT_EQ(table["x"][3], 4096);
    EXPECT_EQ(table["curves"][1]["name"], "write");
    EXPECT_EQ(table["curves"][1]["values"][0], 1310.5);
    const Json hostile = json_report(samples::hostile())["checks"][0]["tables"][0];
    EXPECT_TRUE(hostile["curves"][0]["values"][0].is_null());
}

TEST(JsonReport, HoldsPictures) {
    const Json report = json_report(samples::accepted());
    const Json picture = report["checks"][1]["pictures"][0];
    EXPECT_EQ(picture["title"], "Two pixels");
    EXPECT_EQ(picture["marks"][1]["x"], 0.75);
    const judge::Picture back = verdict_from_json(report).checks[1].pictures.at(0);
    EXPECT_EQ(back.png, samples::accepted().checks[1].pictures[0].png);
    EXPECT_EQ(back.width, 2U);
    EXPECT_EQ(back.marks.at(0).label, "red <one>");
}

TEST(JsonReport, HoldsWhatWentOverTheCableWhereACheckLostPoints) {
    judge::Verdict verdict = samples::partial();
    verdict.checks[0].captures = verdict.checks[3].captures;
    ASSERT_EQ(verdict.checks[0].status, judge::Status::passed);
    const Json report = json_report(verdict);
    EXPECT_TRUE(report["checks"][0]["captures"].empty());
    EXPECT_EQ(report["checks"][3]["captures"][0]["phase"], "before");
    EXPECT_EQ(violations(report), "");
    const judge::Capture back = verdict_from_json(report).checks[3].captures.at(0);
    EXPECT_EQ(back.frames, 2U);
    EXPECT_EQ(back.file, verdict.checks[3].captures[0].file);
    Json wrong = report;
    wrong["checks"][3]["captures"][0]["pcap"] = "?";
    EXPECT_THROW((void)verdict_from_json(wrong), UsageError);
}

TEST(JsonReport, OfBeforeThereWereTablesPicturesOrCapturesIsStillRead) {
    Json report = json_report(samples::partial());
    for (Json &check : report["checks"]) {
        check.erase("tables");
        check.erase("pictures");
        check.erase("captures");
    }
    EXPECT_EQ(violations(report), "");
    const judge::Verdict verdict = verdict_from_json(report);
    EXPECT_TRUE(verdict.checks[0].tables.empty());
    EXPECT_TRUE(verdict.checks[3].captures.empty());
}

TEST(JsonReport, KeepsEveryBitOfTheSeed) {
    const Json report = Json::parse(json_report(samples::judge_error()).dump());
    EXPECT_EQ(verdict_from_json(report).seed, 18446744073709551615ULL);
}

TEST(JsonReport, ReplacesWhatIsNotUtf8AndLeavesOutWhatIsNoNumber) {
    const Json report = json_report(samples::hostile());
    EXPECT_EQ(report["checks"][0]["expected"],
              "\uFFFD\x1b[2J\uFFFD\r\nnext \uFFFD\uFFFD\uFFFD line");
    EXPECT_TRUE(report["checks"][0]["metrics"].empty());
}

TEST(ReportSchema, IsStrict) {
    const Json good = json_report(samples::partial());
    const auto change = [&](const char *pointer, const Json &value) {
        Json changed = good;
        changed[Json::json_pointer(pointer)] = value;
        return violations(changed);
    };
    EXPECT_NE(change("/extra", 1), "");
    EXPECT_NE(change("/checks/0/extra", 1), "");
    EXPECT_NE(change("/schema", "klass-report/2"), "");
    EXPECT_NE(change("/verdict", "excellent"), "");
    EXPECT_NE(change("/duration_ms", -1), "");
    EXPECT_NE(change("/seed", "42"), "");
    EXPECT_NE(change("/submission/sha256", "abc"), "");
    EXPECT_NE(change("/checks/2/crash/frames/0/line", 1.5), "");
    EXPECT_NE(change("/checks/2/crash", "KASAN"), "");
    EXPECT_NE(change("/checks/0/metrics/x", "fast"), "");
    EXPECT_NE(change("/checks/0/tables/0", Json::object()), "");
    Json without = good;
    without["checks"][0].erase("replay");
    EXPECT_NE(violations(without), "");
}

std::string reading_error(const Json &report) {
    try {
        verdict_from_json(report);
    } catch (const UsageError &error) {
        return error.what();
    }
    return "no error";
}

TEST(VerdictFromJson, RefusesWhatIsNoReport) {
    EXPECT_THAT(reading_error(Json::array()), HasSubstr("the report is not a klass-report/1"));
    EXPECT_THAT(reading_error(Json::object()), HasSubstr("schema"));
    EXPECT_EQ(reading_error({{"schema", "klass-report/9"}}),
              "the report is a klass-report/9, not a klass-report/1");

    const Json good = json_report(samples::partial());
    Json wrong = good;
    wrong["checks"][0]["status"] = "fine";
    EXPECT_THAT(reading_error(wrong), HasSubstr("\"fine\""));
    wrong = good;
    wrong["checks"][0]["score"] = "all";
    EXPECT_THAT(reading_error(wrong), HasSubstr("type must be number"));
    wrong = good;
    wrong["build"].erase("ok");
    EXPECT_THAT(reading_error(wrong), HasSubstr("key 'ok' not found"));

    wrong = json_report(samples::accepted());
    wrong["checks"][1]["tables"][0]["x"].push_back(8192);
    EXPECT_THAT(reading_error(wrong), HasSubstr("\"What one call costs\", that lacks values"));
    wrong = json_report(samples::accepted());
    wrong["checks"][1]["pictures"][0]["png"] = "R0lGODlh";
    EXPECT_THAT(reading_error(wrong), HasSubstr("\"Two pixels\", that is no PNG"));
}

}  // namespace
}  // namespace klass::report
