// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A grading on standard output, live.
 */
#pragma once

#include <cstddef>

#include "judge/judge.h"
#include "report/live.h"

namespace klass::cli {

/** Passes on to the live report what the judge does. */
class Shown : public judge::Observer {
  public:
    explicit Shown(report::LiveReport &live, std::size_t checks) : live_(live), checks_(checks) {}
    void built(const judge::BuildSummary &build) override {
        if (build.ok)
            live_.begin(checks_);
    }
    void check_started(const judge::CheckInfo &check) override { live_.check_started(check.id); }
    void check_finished(const judge::CheckResult &result) override { live_.check_finished(result); }

  private:
    report::LiveReport &live_;
    std::size_t checks_;
};

}  // namespace klass::cli
