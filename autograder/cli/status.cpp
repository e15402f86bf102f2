// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include "cli/verb.h"
#include "desk/standing.h"
#include "judge/manifest.h"
#include "kernel/submission.h"
#include "report/terminal_style.h"
#include "util/paths.h"

namespace klass::cli {

namespace {

struct StatusOptions {
    std::string stage;
};

/** Whether the files of a stage are no longer those that were graded last. */
bool changed(const desk::StageNotes &notes) {
    if (!notes.last)
        return false;
    try {
        return kernel::Submission::from_folder(notes.folder).sha256 != notes.last->submission;
    } catch (const UsageError &) {
        // The folder is gone, or no submission just now.
        return true;
    }
}

ExitStatus status(const StatusOptions &options) {
    const Paths paths = Paths::from_environment();
    const desk::Notebook notebook(paths.state);
    std::vector<std::string> stages;
    if (!options.stage.empty())
        stages.push_back(judge::stage_of(paths.course, ".", options.stage));
    else
        for (const std::string &id : judge::stage_ids(paths.course))
            if (!notebook.of(id).folder.empty())
                stages.push_back(id);
    if (stages.empty())
        fmt::print("Nothing was begun yet. klass list shows the stages, klass start begins one.\n");
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    std::string text;
    for (const std::string &id : stages) {
        const desk::Standing standing{judge::Manifest::of_stage(paths.course, id), notebook.of(id)};
        text +=
            (text.empty() ? "" : "\n") + desk::status_text(standing, changed(standing.notes), now,
                                                           report::terminal_style(STDOUT_FILENO));
    }
    fmt::print("{}", text);
    return ExitStatus::full_marks;
}

}  // namespace

void add_status(CLI::App &app, Action &action) {
    static StatusOptions options;
    CLI::App *verb = app.add_subcommand(
        "status", "Show where you stand: your best, the last grading, the checks still open");
    verb->add_option("stage", options.stage, "The stage (default: all that you have begun)");
    verb->callback([&] { action = [] { return status(options); }; });
}

}  // namespace klass::cli
