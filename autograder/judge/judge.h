// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Grades one submission: build it, run every check in a clone of its own, add up.
 */
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "judge/lab.h"
#include "judge/stage.h"
#include "judge/verdict.h"
#include "kernel/kbuild.h"
#include "kernel/submission.h"

namespace klass::judge {

/** What to grade, and how. */
struct GradeRequest {
    std::filesystem::path folder;
    std::uint64_t seed = 0;
    unsigned jobs = 0;                ///< checks at once; 0 for as many as there are processors
    std::vector<std::string> checks;  ///< only these; all when empty
};

/** Told of what happens while it happens; calls come one at a time, from any thread. */
class Observer {
  public:
    virtual ~Observer() = default;
    virtual void built(const BuildSummary & /*build*/) {}
    virtual void check_started(const CheckInfo & /*check*/) {}
    virtual void check_finished(const CheckResult & /*result*/) {}
};

/**
 * Grades submissions of one stage. The snapshot is loaded once and serves every submission.
 */
class Judge {
  public:
    /**
     * Makes kernel and snapshot if need be.
     * @throws UsageError when the stage's code and manifest disagree; GraderFault as Lab does
     */
    Judge(Lab &lab, const Stage &stage, Manifest manifest);

    /**
     * @return always a verdict; what fails on our side is in it as judge_error
     * @throws UsageError when the folder is no submission, or a check's name is unknown;
     *         Interrupted on Ctrl-C
     */
    Verdict grade(const GradeRequest &request, Observer &observer);

    [[nodiscard]] const Manifest &manifest() const { return manifest_; }

  private:
    CheckResult run_check(const CheckInfo &info, const kernel::KbuildResult &build,
                          const kernel::Submission &submission, vm::ClonePool &pool,
                          std::uint64_t seed) const;
    void run_checks(const GradeRequest &request, const std::vector<const CheckInfo *> &chosen,
                    const kernel::KbuildResult &build, const kernel::Submission &submission,
                    vm::ClonePool &pool, Observer &observer, Verdict &verdict) const;

    Lab &lab_;
    const Stage &stage_;
    Manifest manifest_;
    const kernel::Kernel &kernel_;
    std::shared_ptr<const vm::Snapshot> snapshot_;
};

/** A seed that nobody chose. */
std::uint64_t fresh_seed();

}  // namespace klass::judge
