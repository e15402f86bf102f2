// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/verb.h"
#include "judge/manifest.h"
#include "util/paths.h"

namespace klass::cli {

namespace {

ExitStatus list() {
    const Paths paths = Paths::from_environment();
    for (const std::string &id : judge::stage_ids(paths.course)) {
        const auto manifest = judge::Manifest::of_stage(paths.course, id);
        fmt::print("{:<18} {:>3} points, {:>2} checks  {}\n", id, manifest.max_score(),
                   manifest.checks.size(), manifest.title);
    }
    return ExitStatus::full_marks;
}

}  // namespace

void add_list(CLI::App &app, Action &action) {
    app.add_subcommand("list", "Show the stages of the course")->callback([&] { action = list; });
}

}  // namespace klass::cli
