// SPDX-License-Identifier: Apache-2.0
#include "cli/remember.h"

#include <fmt/format.h>

#include "desk/console_logs.h"
#include "desk/editor.h"
#include "desk/notebook.h"
#include "util/error.h"

namespace klass::cli {

void remember(judge::Lab &lab, const judge::Manifest &manifest, judge::Verdict &verdict, bool whole,
              Progress &progress) {
    const Paths &paths = lab.paths();
    const std::filesystem::path folder = verdict.submission.path;
    if (!desk::is_own_work(paths.course, folder))
        return;
    try {
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        const desk::Notebook notebook(paths.state);
        notebook.change(verdict.stage, [&](desk::StageNotes &notes) {
            desk::note_verdict(notes, verdict, whole, now);
        });
        if (!notebook.logs(verdict.stage).empty())
            desk::write_console_logs(verdict, notebook.logs(verdict.stage));
        const kernel::Kernel &kernel = lab.kernel(manifest.machine.flavour);
        if (desk::wants_commands(folder, kernel))
            desk::write_commands(folder, kernel, manifest, paths.course);
    } catch (const Interrupted &) {
        throw;
    } catch (const std::exception &error) {
        progress.note(fmt::format("this grading could not be remembered: {}", error.what()));
    }
}

}  // namespace klass::cli
