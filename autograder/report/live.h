// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What a student watches while a submission is graded.
 */
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "judge/verdict.h"
#include "report/text.h"

namespace klass::report {

/** Is told of each check as it is carried out. Calls may come from several threads. */
class LiveReport {
  public:
    virtual ~LiveReport() = default;
    /** @p count checks are about to be run. */
    virtual void begin(std::size_t count) = 0;
    virtual void check_started(std::string_view id) = 0;
    virtual void check_finished(const judge::CheckResult &check) = 0;
    /** No more checks will come. */
    virtual void end() = 0;
};

/** Says nothing. */
std::unique_ptr<LiveReport> silent_live_report();

/**
 * Prints each check's line to a file descriptor as it finishes: on a terminal above a status line
 * that says how many are done and which are running, and that end() clears.
 */
std::unique_ptr<LiveReport> live_report_to(int fd, const TextStyle &style);

}  // namespace klass::report
