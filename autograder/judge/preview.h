// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What can be seen of a submission before there is a course kernel.
 *
 * A course kernel takes minutes to build, once. Debian's own is there in seconds, and most checks
 * of behaviour can run on it. It has none of the detectors: no KASAN, no lockdep, no record of
 * leaks, no fault injection. So what passes there may still fail, and nothing of it is a verdict.
 */
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "judge/manifest.h"
#include "judge/verdict.h"

namespace klass::judge {

/** A check that Debian's kernel cannot show. */
struct NotShown {
    std::string id;
    std::string title;
    std::string needs;  ///< what it needs: "fault injection"
    bool hidden = false;
};

/** What is to be looked at. */
struct PreviewPlan {
    std::vector<CheckInfo> checks;    ///< for Debian's kernel, and without points
    std::vector<NotShown> not_shown;  ///< the rest
};

/**
 * Divides checks into those that can run on Debian's kernel and those that cannot: they measure, or
 * drive a network card, or boot a kernel of their own. None can of a stage whose submissions are
 * kernels.
 */
PreviewPlan plan_preview(const Manifest &manifest, const std::vector<const CheckInfo *> &chosen);

/** What was seen. Not a Verdict, and cannot be taken for one: no score, no outcome. */
struct Preview {
    KernelIdentity kernel;
    BuildSummary build;
    std::vector<CheckResult> checks;  ///< passed, failed, crashed or timed out; no points
    std::vector<NotShown> not_shown;

    /** Checks that passed, and those that failed in any way. */
    [[nodiscard]] std::size_t green() const;
    [[nodiscard]] std::size_t red() const;
};

/**
 * What ran, sorted into what was shown and what was not: a check that came upon something that only
 * a course kernel has, or on which the grader itself failed, has shown nothing. Of a submission
 * that did not build there are no checks.
 */
Preview preview_of(const Verdict &seen, const PreviewPlan &plan);

}  // namespace klass::judge
