// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What the verbs that look into a submission have in common: shell, debug, lint.
 */
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cli/verb.h"
#include "judge/lab.h"
#include "judge/manifest.h"
#include "judge/verdict.h"
#include "kernel/kbuild.h"
#include "util/progress.h"

namespace klass::cli {

/** Which submission, and of which stage. */
struct SubmissionOptions {
    std::string folder;
    std::string stage;
    vm::AcceleratorWish accel = vm::AcceleratorWish::automatic;
};

/** Adds the folder, --stage and --accel. */
void add_submission(CLI::App &verb, SubmissionOptions &options);

/** The stage and the laboratory for one look. */
class Inspection {
  public:
    /** @throws UsageError when the folder is no submission or its stage cannot be told */
    explicit Inspection(const SubmissionOptions &options);

    [[nodiscard]] const judge::Manifest &manifest() const { return manifest_; }
    [[nodiscard]] judge::Lab &lab() const { return *lab_; }

  private:
    judge::Manifest manifest_;
    std::unique_ptr<Progress> progress_;
    std::unique_ptr<judge::Lab> lab_;
};

/** Says on standard error why a submission does not build. @return points_lost */
ExitStatus tell_failed_build(const judge::BuildSummary &build);

/** Says on standard error what the kernel reported, with the submission's lines. */
void print_crash(const judge::Crash &crash);

/** Prints on standard error what came out of a guest's console. */
void print_console(std::string_view text);

}  // namespace klass::cli
