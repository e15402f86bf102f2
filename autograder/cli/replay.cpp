// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/grade.h"
#include "cli/verb.h"
#include "kernel/kernel_store.h"
#include "kernel/submission.h"
#include "report/json.h"
#include "util/digest.h"

namespace klass::cli {

namespace {

struct Options {
    std::string report;
    std::string check;
    std::string folder;
};

// The same seed on another kernel or other sources is another check: that is
// said, not hidden.
void say_what_differs(const judge::Verdict &verdict, const std::string &folder) {
    if (kernel::Submission::from_folder(folder).sha256 != verdict.submission.sha256)
        fmt::print(stderr, "klass: the sources have changed since the report\n");
    const auto progress = silent_progress();
    const kernel::KernelStore store(Paths::from_environment(), *progress);
    if (store.key(kernel::flavour_from(verdict.kernel.flavour)) != verdict.kernel.key)
        fmt::print(stderr, "klass: the kernel is another one than that of the report\n");
}

ExitStatus replay(const Options &options) {
    const auto json = nlohmann::ordered_json::parse(read_file(options.report), nullptr, false);
    const judge::Verdict verdict = report::verdict_from_json(json);
    const bool known = std::any_of(verdict.checks.begin(), verdict.checks.end(),
                                   [&](const auto &check) { return check.id == options.check; });
    if (!known)
        throw UsageError(fmt::format("{} has no check {}", options.report, options.check));
    const std::string folder = options.folder.empty() ? verdict.submission.path : options.folder;
    say_what_differs(verdict, folder);
    return grade({.folder = folder,
                  .stage = verdict.stage,
                  .checks = {options.check},
                  .seed = verdict.seed,
                  .jobs = 1});
}

}  // namespace

void add_replay(CLI::App &app, Action &action) {
    static Options options;
    CLI::App *verb =
        app.add_subcommand("replay", "Carry out one check of a JSON report again, the same way");
    verb->add_option("report", options.report, "The report, from grade --format json")
        ->required()
        ->check(CLI::ExistingFile);
    verb->add_option("check", options.check, "The check's id")->required();
    verb->add_option("--folder", options.folder, "Where the submission is now, if it was moved");
    verb->callback([&] { action = [] { return replay(options); }; });
}

}  // namespace klass::cli
