// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include "cli/verb.h"
#include "executor/grading.h"
#include "gradebook/regrade.h"
#include "report/phrases.h"
#include "stages/all_stages.h"

namespace klass::cli {

namespace {

using gradebook::Database;

struct RegradeOptions {
    std::string gradebook = "gradebook.sqlite";
    std::string stage;
    gradebook::RegradeScope scope;
    std::int64_t show = 0;
    std::int64_t apply = 0;
    std::int64_t drop = 0;
    bool list = false;
    unsigned jobs = 0;
    bool quiet = false;
    vm::AcceleratorWish accel = vm::AcceleratorWish::automatic;
};

std::string points_and_outcome(double points, judge::Outcome outcome) {
    return fmt::format("{} ({})", report::points_text(points), report::words_of(outcome));
}

void show(const gradebook::Preview &preview) {
    const gradebook::Regrade &regrade = preview.regrade;
    fmt::print("Regrade {} of {}, {}: {}\n", regrade.id, regrade.stage, regrade.scope,
               regrade.state);
    for (const gradebook::Move &move : preview.moves) {
        fmt::print("\n  {} ({}): {} -> {}\n", report::one_line(move.student.name),
                   report::one_line(move.student.id),
                   points_and_outcome(move.before, move.outcome_before),
                   points_and_outcome(move.after, move.outcome_after));
        for (const gradebook::ChangedCheck &check : move.checks) {
            fmt::print("    {:+} {}\n", check.points, check.id);
            if (check.before == check.after)
                fmt::print("      as before, but worth other points: {}\n",
                           report::one_line(check.after));
            else
                fmt::print("      was: {}\n      now: {}\n", report::one_line(check.before),
                           report::one_line(check.after));
        }
    }
    for (const gradebook::Move &move : preview.unjudged)
        fmt::print("\n  {} ({}): could not be judged this time, keeps {}\n",
                   report::one_line(move.student.name), report::one_line(move.student.id),
                   points_and_outcome(move.before, move.outcome_before));
    fmt::print("\n{} would move, {} stay as they are, {} could not be judged", preview.moves.size(),
               preview.same, preview.unjudged.size());
    if (regrade.left != 0)
        fmt::print("; {} submissions are still to be graded", regrade.left);
    fmt::print(".\n");
    if (regrade.state == "open" && regrade.left == 0)
        fmt::print(
            "Nothing has changed yet. Let it count:  klass regrade --apply {0}\n"
            "                         or leave it:   klass regrade --drop {0}\n",
            regrade.id);
}

ExitStatus propose(const RegradeOptions &options, Database &database) {
    const Paths paths = Paths::from_environment();
    std::string id = options.stage;
    if (id.empty()) {
        const auto stages = gradebook::stages_in(database);
        if (stages.size() != 1)
            throw UsageError(fmt::format("{} holds {} stages", options.gradebook, stages.size()),
                             "say which with --stage STAGE");
        id = stages.front();
    }
    gradebook::require_known(database, {.stage = id, .student = options.scope.student});
    const auto manifest = judge::Manifest::of_stage(paths.course, id);
    for (const std::string &check : options.scope.checks)
        static_cast<void>(manifest.check(check));
    const auto progress = options.quiet ? silent_progress() : progress_to(STDERR_FILENO);
    // Its own: a student's kernel that is built must not end the phase of the whole.
    const auto lab_progress = options.quiet ? silent_progress() : progress_to(STDERR_FILENO);
    judge::Lab lab(paths, *lab_progress, options.accel);
    judge::Judge judge(lab, stages::find(id), manifest);
    const auto terms = executor::prepare(lab, judge, KLASS_VERSION, options.scope.checks);
    const auto regrade = gradebook::propose(database, terms, options.scope);
    gradebook::Queue queue(database, terms, regrade.id);
    executor::work_off(database, queue, executor::work_by(database, judge, options.jobs),
                       *progress);
    const auto preview = gradebook::preview(database, regrade.id);
    show(preview);
    return preview.unjudged.empty() ? ExitStatus::full_marks : ExitStatus::grader_fault;
}

ExitStatus list(Database &database) {
    for (const gradebook::Regrade &regrade : gradebook::regrades(database))
        fmt::print("{:>4}  {}  {:<8} {} {}, {} hand-ins\n", regrade.id,
                   gradebook::time_text(regrade.made_at), regrade.state, regrade.stage,
                   regrade.scope, regrade.hand_ins);
    return ExitStatus::full_marks;
}

ExitStatus regrade(const RegradeOptions &options) {
    // Nobody starts a gradebook by regrading.
    static_cast<void>(Database(options.gradebook, Database::Access::read));
    Database database(options.gradebook);
    if (options.list)
        return list(database);
    if (options.show != 0) {
        show(gradebook::preview(database, options.show));
        return ExitStatus::full_marks;
    }
    if (options.apply != 0) {
        fmt::print("Regrade {} counts now, for {} hand-ins.\n", options.apply,
                   gradebook::apply(database, options.apply));
        return ExitStatus::full_marks;
    }
    if (options.drop != 0) {
        gradebook::drop(database, options.drop);
        fmt::print("Regrade {} is dropped; nothing has changed.\n", options.drop);
        return ExitStatus::full_marks;
    }
    return propose(options, database);
}

}  // namespace

void add_regrade(CLI::App &app, Action &action) {
    static RegradeOptions options;
    CLI::App *verb = app.add_subcommand(
        "regrade", "Grade again what counts; show who would move; then apply all of it, or none");
    verb->add_option("--gradebook", options.gradebook, "The gradebook's file")
        ->capture_default_str();
    verb->add_option("--stage", options.stage, "The stage, where the gradebook holds several");
    verb->add_option("--student", options.scope.student, "Only this student, by id");
    verb->add_option("--check", options.scope.checks,
                     "Only this check, the others stay as they were; may be repeated")
        ->allow_extra_args(false);
    verb->add_option("--seed", options.scope.seed,
                     "Make other random choices than the first grading did");
    CLI::Option *show = verb->add_option("--show", options.show, "Show a regrade again");
    CLI::Option *apply = verb->add_option("--apply", options.apply, "Let a regrade count, whole");
    CLI::Option *drop = verb->add_option("--drop", options.drop, "Drop a regrade, whole");
    CLI::Option *list = verb->add_flag("--list", options.list, "List all regrades");
    show->excludes(apply)->excludes(drop)->excludes(list);
    apply->excludes(drop)->excludes(list);
    drop->excludes(list);
    for (CLI::Option *option : {show, apply, drop})
        option->option_text("ID")->check(CLI::PositiveNumber);
    verb->add_option("--jobs", options.jobs, "Submissions at once (default: one a processor)");
    verb->add_flag("--quiet,-q", options.quiet, "No progress");
    add_accel(*verb, options.accel);
    verb->footer(
        "Each is graded with the seed of its first grading, so that nothing but the checks and "
        "the\n"
        "kernel differs. No grade changes before --apply.\n\n"
        "Examples:\n"
        "  klass regrade --stage 04-chardev --check end-of-file\n"
        "  klass regrade --apply 1");
    verb->callback([&] { action = [] { return regrade(options); }; });
}

}  // namespace klass::cli
