// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief For tests: a gradebook in a temporary folder, and a class to put into it.
 */
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "gradebook/queue.h"
#include "gradebook/records.h"
#include "report/json.h"
#include "util/temporary_folder.h"

namespace klass::gradebook {

/** A verdict with one check, "greets", which passed or failed. */
inline judge::Verdict verdict_with(double score, judge::Status status = judge::Status::passed) {
    judge::Verdict verdict{.stage = "03-hello-module", .title = "A module", .seed = 7};
    verdict.kernel = {"debug", "6.12", "kernel-1"};
    verdict.build.ok = true;
    judge::CheckResult check{.id = "greets", .title = "It greets", .status = status};
    check.max_score = 10;
    check.score = status == judge::Status::passed ? score : 0;
    if (status != judge::Status::passed) {
        check.expected = "a greeting";
        check.actual = "silence";
        check.hint = "say hello";
    }
    verdict.checks.push_back(check);
    judge::tally(verdict);
    return verdict;
}

/** A gradebook of its own for each test. */
class WithGradebook : public testing::Test {
  protected:
    /** A student hands in files with a content. */
    bool hand_in(const std::string &student, const std::string &content, std::int64_t at = 100) {
        return put_hand_in(database(), terms_.stage,
                           {.student = student,
                            .origin = "/class/" + student,
                            .handed_in_at = at,
                            .submission = content},
                           "files of " + content);
    }
    Choice choose_latest(bool retry = false) {
        return choose(database(), Take::latest, terms_, 7, retry);
    }
    /** Grades what is in the queue: each submission by its content. */
    void grade_all(const std::function<judge::Verdict(const Job &)> &grade,
                   std::int64_t regrade = 0) {
        Queue queue(database(), terms_, regrade);
        while (const auto job = queue.claim()) {
            const auto verdict = grade(*job);
            ASSERT_TRUE(queue.record(*job, verdict, report::json_report(verdict).dump()));
        }
    }
    Entry entry_of(const std::string &student) {
        const auto found = entries(database(), {.stage = terms_.stage, .student = student});
        return found.empty() ? Entry{} : found.front();
    }
    Database &database() {
        if (!database_)
            database_ = std::make_unique<Database>(file());
        return *database_;
    }
    [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "g.sqlite"; }

    TemporaryFolder folder_{"gradebook-test"};
    std::unique_ptr<Database> database_;
    Terms terms_{.stage = "03-hello-module", .kernel_key = "kernel-1", .checks_digest = "checks-1"};
};

}  // namespace klass::gradebook
