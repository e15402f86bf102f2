// SPDX-License-Identifier: Apache-2.0
#include "judge/stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.h"

namespace klass::judge {
namespace {

Manifest manifest_with(std::initializer_list<const char *> ids) {
    Manifest manifest;
    for (const char *id : ids)
        manifest.checks.push_back({.id = id, .title = "It works"});
    return manifest;
}

TEST(Stage, CodeAndManifestThatAgreePass) {
    Stage stage("99-test");
    stage.check("one", [](Trial &) {}).check("two", [](Trial &) {});
    EXPECT_NO_THROW(stage.verify(manifest_with({"two", "one"})));
}

TEST(Stage, WhatOnlyOneOfTheTwoHasIsNamed) {
    Stage stage("99-test");
    stage.check("one", [](Trial &) {}).check("only-code", [](Trial &) {});
    try {
        stage.verify(manifest_with({"one", "only-manifest"}));
        FAIL() << "no exception";
    } catch (const UsageError &error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("only-manifest has no code"));
        EXPECT_THAT(error.what(), testing::HasSubstr("only-code is not in stage.toml"));
    }
}

TEST(Stage, AKernelIsJudgedByChecksThatBootIt) {
    Stage stage("99-test");
    stage.check("boots", [](BootTrial &) {}).check("loads", [](Trial &) {});
    EXPECT_NE(stage.find_boot("boots"), nullptr);
    EXPECT_EQ(stage.find("boots"), nullptr);
    Manifest manifest = manifest_with({"boots", "loads"});
    manifest.kind = Kind::kernel;
    try {
        stage.verify(manifest);
        FAIL() << "no exception";
    } catch (const UsageError &error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("loads is not written for a kernel"));
        EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("boots is")));
    }
}

}  // namespace
}  // namespace klass::judge
