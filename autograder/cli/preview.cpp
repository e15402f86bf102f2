// SPDX-License-Identifier: Apache-2.0
#include "cli/preview.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/shown.h"
#include "kernel/build_ahead.h"

namespace klass::cli {

namespace {

void show_preview(judge::Judge &judge, const judge::GradeRequest &request, std::size_t checks,
                  report::TextStyle style) {
    style.points = false;
    style.list_passed = false;
    const auto live = report::live_report_to(STDOUT_FILENO, style);
    print(report::preview_heading(style));
    Shown shown(*live, checks);
    const judge::Preview preview = judge.preview(request, shown);
    live->end();
    print(report::preview_text(preview, style));
}

}  // namespace

void preview_while_building(judge::Judge &judge, const judge::GradeRequest &request,
                            const Paths &paths, Progress &progress,
                            const report::TextStyle &style) {
    const judge::PreviewPlan plan = judge.plan_preview(request);
    std::vector<kernel::Flavour> missing;
    for (const kernel::Flavour flavour : judge.flavours(request.checks))
        if (!kernel::KernelStore(paths, progress).find(flavour))
            missing.push_back(flavour);
    if (missing.empty() || plan.checks.empty())
        return;
    HeldProgress held(progress);
    kernel::BuildAhead ahead(paths, held, missing);
    try {
        show_preview(judge, request, plan.checks.size(), style);
    } catch (const Interrupted &) {
        throw;
    } catch (const Error &error) {
        // A courtesy that cannot be had is not worth failing for.
        progress.give_up();
        progress.note(fmt::format("no preview while the course kernel is built: {}", error.what()));
    }
    held.release();
    ahead.wait();
}

}  // namespace klass::cli
