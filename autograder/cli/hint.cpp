// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "cli/verb.h"
#include "judge/manifest.h"
#include "util/paths.h"

namespace klass::cli {

namespace {

struct Options {
    std::string stage;
    std::string check;
    std::size_t depth = 1;
};

ExitStatus hint(const Options &options) {
    const Paths paths = Paths::from_environment();
    const std::string id = judge::stage_of(paths.course, ".", options.stage);
    const auto manifest = judge::Manifest::of_stage(paths.course, id);
    if (options.check.empty()) {
        fmt::print("Checks of {}; for a hint: klass hint {} CHECK\n", id, id);
        for (const judge::CheckInfo &check : manifest.checks)
            if (!check.hidden)
                fmt::print("  {:<20} {}\n", check.id, check.title);
        return ExitStatus::full_marks;
    }
    const judge::CheckInfo &check = manifest.check(options.check);
    fmt::print("{}\n", check.title);
    const std::size_t shown = std::min(options.depth, check.hints.size());
    for (std::size_t i = 0; i < shown; ++i)
        fmt::print("  {}. {}\n", i + 1, check.hints[i]);
    if (shown < check.hints.size())
        fmt::print("One more says more: klass hint {} {} --depth {}\n", id, check.id, shown + 1);
    else
        fmt::print("That is the last one. The book: {}\n", check.book);
    return ExitStatus::full_marks;
}

}  // namespace

void add_hint(CLI::App &app, Action &action) {
    static Options options;
    CLI::App *verb = app.add_subcommand("hint", "Show a hint for a check, from gentle to direct");
    verb->add_option("stage", options.stage, "The stage, e.g. 04-chardev")->required();
    verb->add_option("check", options.check, "The check; without it, the checks are listed");
    verb->add_option("--depth", options.depth, "How many of its hints (default 1)");
    verb->callback([&] { action = [] { return hint(options); }; });
}

}  // namespace klass::cli
