// SPDX-License-Identifier: Apache-2.0
#include "judge/preview.h"

#include <algorithm>

namespace klass::judge {

namespace {

/** What a check needs that Debian's kernel has not; empty when it can run there. */
std::string needs_of(const CheckInfo &info) {
    if (info.machine.icount_shift)
        return "a machine that counts instructions";
    if (info.machine.flavour == kernel::Flavour::fast)
        return "the kernel for measuring";
    if (info.machine.network)
        return "a machine with a network card";
    if (info.machine.camera)
        return "a machine with a camera";
    return {};
}

std::size_t count(const std::vector<CheckResult> &checks, bool passed) {
    return static_cast<std::size_t>(std::count_if(
        checks.begin(), checks.end(),
        [&](const CheckResult &check) { return (check.status == Status::passed) == passed; }));
}

}  // namespace

PreviewPlan plan_preview(const Manifest &manifest, const std::vector<const CheckInfo *> &chosen) {
    PreviewPlan plan;
    for (const CheckInfo *info : chosen) {
        const std::string needs =
            manifest.kind == Kind::kernel ? "a course kernel to start from" : needs_of(*info);
        if (!needs.empty()) {
            plan.not_shown.push_back({info->id, info->title, needs, info->hidden});
            continue;
        }
        CheckInfo &check = plan.checks.emplace_back(*info);
        check.points = 0;
        check.machine.flavour = kernel::Flavour::stock;
    }
    return plan;
}

std::size_t Preview::green() const {
    return count(checks, true);
}

std::size_t Preview::red() const {
    return count(checks, false);
}

Preview preview_of(const Verdict &seen, const PreviewPlan &plan) {
    Preview preview{.kernel = seen.kernel, .build = seen.build, .not_shown = plan.not_shown};
    if (!seen.build.ok)
        return preview;
    for (const CheckResult &check : seen.checks) {
        if (check.status == Status::skipped)
            preview.not_shown.push_back({check.id, check.title, check.actual, check.hidden});
        else if (check.status == Status::judge_error)
            preview.not_shown.push_back(
                {check.id, check.title, "another try: the grader failed on it", check.hidden});
        else
            // The command would wait for the course kernel.
            preview.checks.emplace_back(check).replay.clear();
    }
    return preview;
}

}  // namespace klass::judge
