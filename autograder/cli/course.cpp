// SPDX-License-Identifier: Apache-2.0
#include "judge/course.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/verb.h"
#include "judge/skeleton.h"
#include "stages/all_stages.h"
#include "util/digest.h"

namespace klass::cli {

namespace {

struct CourseOptions {
    std::vector<std::string> stages;
    std::vector<std::string> mutants;
    std::uint64_t seed = 1;
    std::string source;
    bool quick = false;
    vm::AcceleratorWish accel = vm::AcceleratorWish::automatic;
};

std::vector<std::string> chosen_stages(const CourseOptions &options, const Paths &paths) {
    if (options.stages.empty())
        return judge::stage_ids(paths.course);
    std::vector<std::string> chosen;
    for (const std::string &id : options.stages)
        chosen.push_back(judge::stage_of(paths.course, ".", id));
    return chosen;
}

ExitStatus check(const CourseOptions &options) {
    const Paths paths = Paths::from_environment();
    const auto chosen = chosen_stages(options, paths);
    if (!options.mutants.empty() && chosen.size() != 1)
        throw UsageError("--mutant goes with one stage");
    const auto progress = progress_to(STDERR_FILENO);
    judge::Lab lab(paths, *progress, options.accel);
    int wrong = 0;
    const auto tell = [&](const judge::CourseFinding &finding) {
        fmt::print("  {}  {}: {}\n", finding.ok ? "ok   " : "WRONG", finding.subject,
                   finding.detail);
        std::fflush(stdout);
        wrong += finding.ok ? 0 : 1;
    };
    for (const std::string &id : chosen) {
        judge::Judge judge(lab, stages::find(id), judge::Manifest::of_stage(paths.course, id));
        fmt::print("{}\n", id);
        const auto look = options.quick ? judge::Look::named : judge::Look::whole;
        if (options.mutants.empty())
            judge::check_course(judge, paths.course, options.seed, look, tell);
        else
            judge::check_mutants(judge, paths.course, options.mutants, options.seed, look, tell);
    }
    if (wrong > 0)
        fmt::print("{} findings are wrong: the course must not be used like this.\n", wrong);
    return wrong == 0 ? ExitStatus::full_marks : ExitStatus::usage;
}

ExitStatus skeleton(const CourseOptions &options) {
    const Paths paths = Paths::from_environment();
    for (const std::string &id : chosen_stages(options, paths)) {
        judge::write_skeleton(paths.course, id);
        fmt::print("exercises/{} is up to date with its solution\n", id);
    }
    return ExitStatus::full_marks;
}

ExitStatus quote(const CourseOptions &options) {
    fmt::print("{}", judge::quotable(read_file(options.source), options.source));
    return ExitStatus::full_marks;
}

}  // namespace

void add_course(CLI::App &app, Action &action) {
    static CourseOptions options;
    CLI::App *verb = app.add_subcommand("course", "Check the course itself");
    verb->require_subcommand(1);
    CLI::App *check_verb = verb->add_subcommand(
        "check", "Prove that references pass, skeletons do not, and every mutant is caught");
    check_verb->add_option("stage", options.stages, "Only these stages");
    check_verb
        ->add_option("--mutant", options.mutants, "Only this mutant, of one stage; may be repeated")
        ->allow_extra_args(false);
    check_verb->add_flag("--quick", options.quick,
                         "Run of each mutant only the checks that it must lose");
    check_verb->add_option("--seed", options.seed, "Seed of all gradings");
    add_accel(*check_verb, options.accel);
    check_verb->callback([&] { action = [] { return check(options); }; });
    CLI::App *skeleton_verb =
        verb->add_subcommand("skeleton", "Write the skeletons anew from the solutions");
    skeleton_verb->add_option("stage", options.stages, "Only these stages");
    skeleton_verb->callback([&] { action = [] { return skeleton(options); }; });
    CLI::App *quote_verb =
        verb->add_subcommand("quote", "Print a solution's source as the book quotes it");
    quote_verb->add_option("source", options.source, "The file")->required();
    quote_verb->callback([&] { action = [] { return quote(options); }; });
}

}  // namespace klass::cli
