// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Grades one submission: build it, run every check in a clone of its own, add up.
 */
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "judge/check_run.h"
#include "judge/lab.h"
#include "judge/preview.h"
#include "judge/stage.h"
#include "judge/verdict.h"
#include "kernel/kbuild.h"
#include "kernel/recent_kernels.h"
#include "kernel/submission.h"

namespace klass::judge {

/** What to grade, and how. */
struct GradeRequest {
    std::filesystem::path folder;
    std::uint64_t seed = 0;
    unsigned jobs = 0;                ///< checks at once; 0 for Judge::usual_jobs()
    std::vector<std::string> checks;  ///< only these; all when empty
    std::vector<std::string> first;   ///< those of them that are to be run before the others
    /** QEMU processes for the next grading are kept waiting after this one. */
    bool stay_ready = false;
    CheckWatch watch = {};  ///< told of each operation; for one check, with one job
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
 * Grades submissions of one stage. Each snapshot is loaded once and serves every submission.
 * Several threads may grade at once; those of students' kernels take turns.
 */
class Judge {
  public:
    /** @throws UsageError when the stage's code and manifest disagree */
    Judge(Lab &lab, const Stage &stage, Manifest manifest);

    /**
     * Makes the kernels and snapshots that the checks ask for, if need be.
     * @return a verdict; what fails on our side while checks run is in it as judge_error
     * @throws GraderFault as Lab does; UsageError when the folder is no submission, or a check's
     * name is unknown; Interrupted on Ctrl-C
     */
    Verdict grade(const GradeRequest &request, Observer &observer);

    /** Makes the kernels and snapshots of these checks, or of all, ahead of need. */
    void prepare(const std::vector<std::string> &checks);

    /**
     * Looks at a submission on Debian's own kernel, as far as that can show anything: see
     * judge/preview.h. It gives no points, and nothing is recorded.
     * @throws as grade() does; GraderFault also when that kernel cannot be had
     */
    Preview preview(const GradeRequest &request, Observer &observer);
    [[nodiscard]] PreviewPlan plan_preview(const GradeRequest &request) const;

    /** The kernels that a grading of these checks, or of all, needs. */
    [[nodiscard]] std::set<kernel::Flavour> flavours(const std::vector<std::string> &checks) const;

    /** Checks at once that keep every processor busy. */
    [[nodiscard]] unsigned usual_jobs() const;

    [[nodiscard]] const Manifest &manifest() const { return manifest_; }

  private:
    struct Build;
    struct Rig;
    /** The course's consumers, built before, by what they were built against: Module.symvers. */
    struct Consumers {
        std::mutex mutex;
        std::map<std::string, std::vector<kernel::BuiltModule>> built;
    };
    using Builds = std::map<kernel::Flavour, Build>;
    using Rigs = std::map<MachineWish, Rig>;

    [[nodiscard]] std::vector<const CheckInfo *> chosen_of(
        const std::vector<std::string> &checks) const;
    [[nodiscard]] std::size_t workers_for(const GradeRequest &request, std::size_t checks) const;
    std::shared_ptr<const vm::Snapshot> snapshot(const MachineWish &wish);
    std::vector<kernel::BuiltModule> consumers_for(const kernel::Kernel &kernel,
                                                   Consumers &consumers,
                                                   const std::filesystem::path &folder,
                                                   const std::string &symvers) const;
    std::shared_ptr<vm::ClonePool> pool(const MachineWish &wish,
                                        const std::shared_ptr<const vm::Snapshot> &snapshot,
                                        const GradeRequest &request, unsigned ahead,
                                        unsigned checks);
    void build_all(const kernel::Submission &submission, const std::filesystem::path &folder,
                   Builds &builds) const;
    static const kernel::KbuildResult &worst_of(const Builds &builds);
    CheckResult run_check(const CheckInfo &info, Rig &rig, const kernel::Submission &submission,
                          std::uint64_t seed, const CheckWatch &watch) const;
    void grade_modules(const GradeRequest &request, const std::vector<const CheckInfo *> &chosen,
                       const kernel::Submission &submission, const std::filesystem::path &folder,
                       Observer &observer, Verdict &verdict);
    void grade_kernel(const GradeRequest &request, const std::vector<const CheckInfo *> &chosen,
                      const kernel::Submission &submission, const std::filesystem::path &folder,
                      Observer &observer, Verdict &verdict);
    void run_checks(const GradeRequest &request, const std::vector<const CheckInfo *> &chosen,
                    const std::function<CheckResult(const CheckInfo &)> &run, Observer &observer,
                    Verdict &verdict) const;

    Lab &lab_;
    const Stage &stage_;
    Manifest manifest_;
    std::mutex mutex_;  ///< of lab_ while it makes what is missing, and of the maps
    std::map<MachineWish, std::shared_ptr<const vm::Snapshot>> snapshots_;
    std::map<kernel::Flavour, Consumers> consumers_;
    std::mutex one_kernel_;  ///< of recent_kernels_; a kernel's build uses every processor anyway
    /** Pools that outlive a grading: GradeRequest::stay_ready. */
    std::map<MachineWish, std::shared_ptr<vm::ClonePool>> pools_;
    kernel::RecentKernels recent_kernels_;
};

/** A build of modules as a verdict has it. */
BuildSummary summary_of(const kernel::KbuildResult &build);

/** Which checks a stage has here: over this very program and the stage's manifest. */
std::string checks_sha256(const std::filesystem::path &course, const std::string &stage);

/** A seed that nobody chose. */
std::uint64_t fresh_seed();

}  // namespace klass::judge
