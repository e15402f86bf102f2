// SPDX-License-Identifier: Apache-2.0
#include "desk/watch.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "cli/remember.h"
#include "cli/verb.h"
#include "report/terminal_style.h"
#include "stages/all_stages.h"

namespace klass::cli {

namespace {

struct WatchOptions {
    std::string folder = ".";
    std::string stage;
    unsigned jobs = 0;
    bool plain = false;
    vm::AcceleratorWish accel = vm::AcceleratorWish::automatic;
};

/** Whether there is a whole screen to draw on, and somebody to press keys. */
bool has_screen() {
    const char *term = std::getenv("TERM");
    return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && term != nullptr &&
           std::string_view(term) != "dumb";
}

ExitStatus watch(const WatchOptions &options) {
    const Paths paths = Paths::from_environment();
    static_cast<void>(kernel::Submission::from_folder(options.folder));
    const std::string id = judge::stage_of(paths.course, options.folder, options.stage);
    const auto manifest = judge::Manifest::of_stage(paths.course, id);
    const desk::Notebook notebook(paths.state);
    const auto style = report::terminal_style(STDOUT_FILENO);
    const desk::Watched watched{manifest, options.folder};
    // Before any thread and any machine: what a killed watch leaves to its guardian is the
    // terminal.
    const auto view = has_screen() && !options.plain
                          ? desk::screen_watch_view(STDIN_FILENO, STDOUT_FILENO, watched, style)
                          : desk::plain_watch_view(STDOUT_FILENO, watched, style);
    judge::Lab lab(paths, *view, options.accel);
    judge::Judge judge(lab, stages::find(id), manifest);
    desk::watch(
        judge,
        {.folder = options.folder,
         .seed = judge::fresh_seed(),
         .jobs = options.jobs,
         .graded = [&](judge::Verdict &verdict) { remember(lab, manifest, verdict, true, *view); }},
        notebook, *view);
    return ExitStatus::full_marks;
}

}  // namespace

void add_watch(CLI::App &app, Action &action) {
    static WatchOptions options;
    CLI::App *verb =
        app.add_subcommand("watch", "Grade again whenever you save: first what failed last time");
    verb->add_option("folder", options.folder, "The submission's folder (default: this one)");
    verb->add_option("--stage", options.stage,
                     "The stage; else the folder's stage.toml or its name says it");
    verb->add_option("--jobs", options.jobs, "Checks at once (default: one a processor)");
    verb->add_flag("--plain", options.plain, "Lines one after the other, also on a terminal");
    add_accel(*verb, options.accel);
    verb->callback([&] { action = [] { return watch(options); }; });
}

}  // namespace klass::cli
