// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A grading on standard output: live, and what is printed of it at the end.
 */
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>

#include "judge/judge.h"
#include "report/live.h"
#include "util/error.h"

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

/** @throws GraderFault when standard output takes no more */
inline void print(const std::string &text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        throw GraderFault(fmt::format("cannot write the report: {}", std::strerror(errno)));
}

}  // namespace klass::cli
