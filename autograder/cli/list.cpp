// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include "cli/verb.h"
#include "desk/standing.h"
#include "judge/manifest.h"
#include "report/terminal_style.h"
#include "util/paths.h"

namespace klass::cli {

namespace {

ExitStatus list() {
    const Paths paths = Paths::from_environment();
    const auto notes = desk::Notebook(paths.state).stages();
    std::vector<desk::Standing> course;
    for (const std::string &id : judge::stage_ids(paths.course)) {
        const auto known = notes.find(id);
        course.push_back({judge::Manifest::of_stage(paths.course, id),
                          known == notes.end() ? desk::StageNotes() : known->second});
    }
    fmt::print("{}", desk::list_text(course, report::terminal_style(STDOUT_FILENO)));
    return ExitStatus::full_marks;
}

}  // namespace

void add_list(CLI::App &app, Action &action) {
    app.add_subcommand("list", "Show the stages of the course, your best, and what comes next")
        ->callback([&] { action = list; });
}

}  // namespace klass::cli
