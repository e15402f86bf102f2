// SPDX-License-Identifier: Apache-2.0
#include "gradebook/export.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "gradebook/class_fixture.h"
#include "util/csv.h"
#include "util/digest.h"
#include "util/error.h"

namespace klass::gradebook {
namespace {

using judge::Status;
using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/** A class in which everything has happened. */
class AnExport : public WithGradebook {
  protected:
    void SetUp() override {
        put_roster(
            database(),
            {{.id = "ada",
              .name = "Lovelace, Ada",
              .section = "A",
              .canvas = "4711",
              .login = "al",
              .moodle = "1"},
             {.id = "bob", .name = "=HYPERLINK(\"http://x\")", .canvas = "4712", .moodle = "2"},
             {.id = "eve", .name = "Eve"},
             {.id = "sue", .name = "Sue", .moodle = "4"},
             {.id = "zoe", .name = "Zoe", .moodle = "5"}});
        hand_in("ada", "A");
        hand_in("bob", "B");
        hand_in("eve", "E");
        put_hand_in(database(), terms_.stage,
                    {.student = "sue",
                     .origin = "/sue.zip",
                     .handed_in_at = 1,
                     .finding = "link: it is a symbolic link"},
                    "");
        choose_latest();
        grade_all([](const Job &job) {
            return verdict_with(10, job.submission == "A"   ? Status::passed
                                    : job.submission == "B" ? Status::failed
                                                            : Status::judge_error);
        });
    }
    Export as(const std::string &format, const std::string &assignment = {}) {
        return export_entries(database(), entries(database(), {}),
                              {.format = format, .assignment = assignment});
    }
};

TEST_F(AnExport, ToCanvas) {
    const Export result = as("canvas", "A module that greets (815)");
    const auto records = parse_csv(result.text, "canvas");
    ASSERT_EQ(records.size(), 7U);
    EXPECT_THAT(records[0].fields, ElementsAre("Student", "ID", "SIS User ID", "SIS Login ID",
                                               "Section", "A module that greets (815)"));
    EXPECT_THAT(records[1].fields, ElementsAre("    Points Possible", "", "", "", "", "10"));
    EXPECT_THAT(records[2].fields, ElementsAre("Lovelace, Ada", "4711", "ada", "al", "A", "10"));
    EXPECT_THAT(records[3].fields,
                ElementsAre("'=HYPERLINK(\"http://x\")", "4712", "bob", "", "", "0"));
    for (const std::size_t empty : {4U, 5U, 6U})
        EXPECT_EQ(records[empty].fields.back(), "");
    EXPECT_THAT(result.notes,
                Contains(HasSubstr("1 could not be judged, left empty (never a zero): eve")));
    EXPECT_THAT(result.notes, Contains(HasSubstr("cannot be read, left empty: sue")));
    EXPECT_THAT(result.notes, Contains(HasSubstr("handed in nothing, left empty: zoe")));
}

TEST_F(AnExport, ToMoodle) {
    const Export result = as("moodle");
    const auto records = parse_csv(result.text, "moodle");
    ASSERT_EQ(records.size(), 5U);
    EXPECT_THAT(records[0].fields,
                ElementsAre("Identifier", "Full name", "Email address", "Grade", "Maximum grade",
                            "Last modified (grade)", "Feedback comments"));
    EXPECT_EQ(records[1].fields[0], "Participant 1");
    EXPECT_EQ(records[1].fields[3], "10");
    EXPECT_EQ(records[2].fields[3], "0");
    EXPECT_EQ(records[3].fields[3], "");
    EXPECT_THAT(result.notes, Contains(HasSubstr("1 without a number of Moodle's")));
}

TEST_F(AnExport, ToATable) {
    const auto records = parse_csv(as("csv").text, "csv");
    ASSERT_EQ(records.size(), 6U);
    std::vector<std::string> statuses;
    for (const CsvRecord &record : records)
        statuses.push_back(record.fields[3]);
    EXPECT_THAT(statuses, ElementsAre("status", "accepted", "failed", "judge_error", "unreadable",
                                      "nothing"));
    EXPECT_EQ(records[3].fields[4], "");
    EXPECT_THAT(records[4].fields.back(), HasSubstr("symbolic link"));
}

TEST_F(AnExport, ToPrograms) {
    const json all = json::parse(as("json").text);
    EXPECT_EQ(all["schema"], "klass-gradebook/1");
    ASSERT_EQ(all["entries"].size(), 5U);
    EXPECT_EQ(all["entries"][0]["score"], 10);
    EXPECT_EQ(all["entries"][0]["checks"][0]["id"], "greets");
    EXPECT_TRUE(all["entries"][2]["score"].is_null());
    EXPECT_EQ(all["entries"][2]["status"], "judge_error");
}

TEST_F(AnExport, ToGradescope) {
    const json all = json::parse(as("gradescope").text);
    EXPECT_EQ(all["ada"]["score"], 10);
    EXPECT_FALSE(all["eve"].contains("score"));
    EXPECT_FALSE(all.contains("zoe"));
}

TEST_F(AnExport, ToPeople) {
    const Export result = as("text");
    EXPECT_THAT(result.text, HasSubstr("ada      Lovelace, Ada"));
    EXPECT_THAT(result.text, HasSubstr(" 10 of 10  accepted"));
    EXPECT_THAT(result.text, HasSubstr("judge error"));
}

TEST_F(AnExport, KnowsItsFormats) {
    EXPECT_THROW(as("word"), UsageError);
    EXPECT_THAT(export_format_names(), HasSubstr("canvas"));
}

TEST_F(AnExport, OneStageWhereTheFormatTakesOne) {
    put_hand_in(database(), "04-chardev",
                {.student = "ada", .origin = "/a", .handed_in_at = 1, .finding = "f"}, "");
    EXPECT_THROW(as("moodle"), UsageError);
    EXPECT_THROW(as("canvas", "Title"), UsageError);
    EXPECT_THAT(as("canvas").text, HasSubstr("03-hello-module,04-chardev"));
}

TEST_F(AnExport, ReportsForStudents) {
    const auto folder = folder_.path() / "reports";
    EXPECT_EQ(write_reports(database(), entries(database(), {}), folder), 4U);
    EXPECT_THAT(read_file(folder / "bob.html"), HasSubstr("silence"));
    EXPECT_EQ(json::parse(read_file(folder / "ada.json"))["score"], 10);
    EXPECT_THAT(read_file(folder / "sue.txt"), HasSubstr("symbolic link"));
    EXPECT_FALSE(std::filesystem::exists(folder / "zoe.html"));
}

TEST(FileNames, OfStrangeStudents) {
    EXPECT_EQ(file_name_of("ada.l@x-y"), "ada.l@x-y");
    EXPECT_THAT(file_name_of("../../etc/passwd"), Not(HasSubstr("/")));
    EXPECT_NE(file_name_of("a/b"), file_name_of("a b"));
    EXPECT_EQ(file_name_of(".hidden").front(), '_');
    EXPECT_LT(file_name_of(std::string(5000, 'x')).size(), 130U);
}

}  // namespace
}  // namespace klass::gradebook
