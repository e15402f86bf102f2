// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief From what a check's function and the kernel's console said to the check's result.
 */
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "judge/evidence.h"
#include "judge/manifest.h"
#include "judge/trial.h"
#include "judge/verdict.h"

namespace klass::judge {

/** What a check's own expectations came to. */
struct Body {
    std::optional<CheckFailed> failed;
    std::optional<std::string> broken;  ///< the guest broke its contract with us
    std::optional<std::string> beyond;  ///< what the guest's kernel cannot show, if it ended there
};

/** Calls a check's function; what it throws of these three kinds is data. */
Body run_body(const std::function<void()> &check);

/**
 * Sets the result's status, score, evidence and texts.
 * @throws GraderFault when nothing but Evidence::doubt speaks against a pass: it is to be run again
 */
void conclude(const Body &body, const Evidence &evidence, CheckResult &result);

/** What stands in the verdict before the check has run. */
CheckResult not_run(const CheckInfo &info);

/**
 * Runs a check in a new machine and times it. A machine that does not start or does not answer is
 * our failure: @p attempt is made again, and after the last of them the result is a judge_error,
 * as it is at once when the guest broke its contract with us.
 * @param attempt  fills the result; GraderFault and GuestBroken of it are caught
 */
CheckResult carry_out(const CheckInfo &info, const std::string &replay,
                      const std::function<void(CheckResult &)> &attempt);

/** The command that runs a check again. */
std::string replay_command(const std::filesystem::path &submission, const std::string &stage,
                           const std::string &check, std::uint64_t seed);

}  // namespace klass::judge
