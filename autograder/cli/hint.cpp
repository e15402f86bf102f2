// SPDX-License-Identifier: Apache-2.0
#include "desk/hints.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/verb.h"
#include "desk/standing.h"
#include "judge/manifest.h"
#include "report/terminal_style.h"
#include "util/paths.h"

namespace klass::cli {

namespace {

struct HintOptions {
    std::string stage;
    std::string check;
    desk::HintWish wish;
    bool reset = false;
};

void print_checks(const judge::Manifest &manifest) {
    fmt::print("No check of {} is known to fail. For a hint: klass hint {} CHECK\n", manifest.id,
               manifest.id);
    for (const judge::CheckInfo &check : manifest.checks)
        if (!check.hidden)
            fmt::print("  {:<20} {}\n", check.id, check.title);
}

/** The check that is meant; null when none is named and none is known to fail. */
const judge::CheckInfo *chosen(const HintOptions &options, const desk::Standing &standing) {
    if (options.check.empty())
        return desk::check_to_mend(standing);
    const judge::CheckInfo &check = standing.manifest.check(options.check);
    if (check.hidden)
        throw UsageError(fmt::format("{} is a hidden check: it has no hints", check.id));
    return &check;
}

ExitStatus hint(const HintOptions &options) {
    const Paths paths = Paths::from_environment();
    const std::string id = judge::stage_of(paths.course, ".", options.stage);
    const desk::Notebook notebook(paths.state);
    const desk::Standing standing{judge::Manifest::of_stage(paths.course, id), notebook.of(id)};
    const judge::CheckInfo *check = chosen(options, standing);
    if (options.reset) {
        notebook.change(id, [&](desk::StageNotes &notes) {
            if (options.check.empty())
                notes.hints.clear();
            else
                notes.hints.erase(options.check);
        });
        fmt::print("The hints are forgotten: the next one is the first again.\n");
        return ExitStatus::full_marks;
    }
    if (options.check.empty() && standing.notes.last && !standing.notes.last->build_error.empty()) {
        fmt::print("What was graded last does not build. Mend that first:\n  {}\n",
                   standing.notes.last->build_error);
        return ExitStatus::full_marks;
    }
    if (check == nullptr) {
        print_checks(standing.manifest);
        return ExitStatus::full_marks;
    }
    std::size_t shown = 0;
    notebook.change(
        id, [&](desk::StageNotes &notes) { shown = desk::take_hint(notes, *check, options.wish); });
    fmt::print("{}", desk::hint_text(*check, shown, fmt::format("klass hint {} {}", id, check->id),
                                     report::terminal_style(STDOUT_FILENO)));
    return ExitStatus::full_marks;
}

}  // namespace

void add_hint(CLI::App &app, Action &action) {
    static HintOptions options;
    CLI::App *verb = app.add_subcommand(
        "hint", "Show one more hint for a check, from gentle to direct; it costs no points");
    verb->add_option("stage", options.stage, "The stage, e.g. 04-chardev")->required();
    verb->add_option("check", options.check,
                     "The check (default: the first that failed when you graded last)");
    auto *depth = verb->add_option("--depth", options.wish.depth, "So many hints, not one more")
                      ->check(CLI::PositiveNumber);
    auto *again = verb->add_flag("--again", options.wish.again,
                                 "The hints that you took before, and no new one");
    verb->add_flag("--reset", options.reset, "Forget which hints you took")
        ->excludes(depth)
        ->excludes(again);
    depth->excludes(again);
    verb->callback([&] { action = [] { return hint(options); }; });
}

}  // namespace klass::cli
