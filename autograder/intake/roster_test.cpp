// SPDX-License-Identifier: Apache-2.0
#include "intake/roster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.h"

namespace klass::intake {
namespace {

using testing::HasSubstr;

TEST(Roster, ReadsTheColumnsThatItKnows) {
    const Roster roster = Roster::parse(
        "Name,ID,shoe size,canvas\n\"Lovelace, Ada\", ada ,37,4711\nBob,bob,,\n", "class.csv");
    ASSERT_EQ(roster.students().size(), 2U);
    EXPECT_EQ(roster.students()[0].id, "ada");
    EXPECT_EQ(roster.students()[0].name, "Lovelace, Ada");
    EXPECT_EQ(roster.students()[0].canvas, "4711");
    EXPECT_EQ(roster.students()[1].id, "bob");
}

std::string complaint(std::string_view text) {
    try {
        Roster::parse(text, "class.csv");
    } catch (const UsageError &error) {
        return error.what();
    }
    return "none";
}

TEST(Roster, SaysInWhichLineItIsWrong) {
    EXPECT_THAT(complaint(""), HasSubstr("class.csv is empty"));
    EXPECT_THAT(complaint("login,name\nada,Ada\n"),
                HasSubstr("class.csv:1: there is no column \"id\""));
    EXPECT_THAT(complaint("id,id,name\n"), HasSubstr("class.csv:1: the column id is there twice"));
    EXPECT_THAT(complaint("id,name\nada,Ada\nada\n"),
                HasSubstr("class.csv:3: 1 fields, but the header has 2"));
    EXPECT_THAT(complaint("id,name\n,Ada\n"), HasSubstr("class.csv:2: the id is empty"));
    EXPECT_THAT(complaint("id,name\nada,Ada\nAda,A\n"),
                HasSubstr("class.csv:3: the id Ada stands in line 2 already"));
}

TEST(Roster, FindsWhoseANameIs) {
    const Roster roster = Roster::parse(
        "id,name,canvas,moodle\nada,Ada,4711,\nbob,Bob,4712,99\n17-123-456,Eve,,\n", "class.csv");
    const auto found = [&](const char *name) {
        const Student *student = roster.find(name);
        return student == nullptr ? std::string("nobody") : student->id;
    };
    EXPECT_EQ(found("ada"), "ada");
    EXPECT_EQ(found("ADA"), "ada");
    EXPECT_EQ(found("17-123-456"), "17-123-456");
    EXPECT_EQ(found("lovelaceada_4711_9999_chardev"), "ada");        // Canvas
    EXPECT_EQ(found("Bob Bobson_99_assignsubmission_file"), "bob");  // Moodle
    EXPECT_EQ(found("ada_and_bob"), "nobody");
    EXPECT_EQ(found("adam"), "nobody");
    EXPECT_EQ(found(""), "nobody");
}

}  // namespace
}  // namespace klass::intake
