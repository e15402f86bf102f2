// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include "cli/verb.h"
#include "executor/grading.h"
#include "gradebook/export.h"
#include "gradebook/statistics.h"
#include "gradebook/take_in.h"
#include "report/phrases.h"
#include "stages/all_stages.h"
#include "util/digest.h"

namespace klass::cli {

namespace {

struct BatchOptions {
    std::vector<std::string> inputs;
    std::string stage;
    std::string roster;
    std::string gradebook = "gradebook.sqlite";
    std::string take = "latest";
    std::string report_dir;
    std::vector<std::string> checks;
    std::optional<std::uint64_t> seed;
    std::int64_t tries = gradebook::Patience{}.failures;
    unsigned jobs = 0;
    bool retry = false;
    bool quiet = false;
    vm::AcceleratorWish accel = vm::AcceleratorWish::automatic;
};

void say(const std::string &line) {
    fmt::print("{}\n", line);
}

std::string count_of(std::size_t count, std::string_view one, std::string_view several) {
    return fmt::format("{} {}", count, count == 1 ? one : several);
}

/** What the class came to, and who was not graded. */
void summarise(gradebook::Database &database, const std::vector<gradebook::Entry> &entries,
               const std::string &stage, const gradebook::Choice &choice,
               const executor::WorkDone &done) {
    say(fmt::format("{}: {}, {}", stage, count_of(choice.students, "student", "students"),
                    count_of(choice.hand_ins, "hand-in", "hand-ins")));
    std::size_t judged = 0;
    for (const gradebook::Entry &entry : entries) {
        judged += entry.has_points() ? 1 : 0;
        if (entry.result && !entry.result->judged())
            say(fmt::format(
                "  {}: could not be judged, which is never a zero: {}",
                report::one_line(entry.student.id),
                report::judge_failure(gradebook::verdict_of(database, entry.result->id))));
        if (entry.hand_in && !entry.hand_in->finding.empty())
            say(fmt::format("  {}: cannot be graded: {} ({})", report::one_line(entry.student.id),
                            report::one_line(entry.hand_in->finding), entry.hand_in->origin));
    }
    say(fmt::format("  {} judged; {} now", judged,
                    count_of(done.graded, "different submission was graded",
                             "different submissions were graded")));
    const auto statistics = gradebook::statistics_of(database, stage);
    if (statistics.median)
        say(fmt::format(
            "  median {} of {} points, from {} to {}", report::points_text(*statistics.median),
            report::points_text(statistics.max_score), report::points_text(*statistics.lowest),
            report::points_text(*statistics.highest)));
    if (choice.by_other_terms != 0)
        say(fmt::format(
            "  {} earlier by another kernel or other checks: `klass regrade` shows what "
            "these would change",
            count_of(choice.by_other_terms, "was graded", "were graded")));
}

ExitStatus batch(const BatchOptions &options) {
    const Paths paths = Paths::from_environment();
    const auto take = gradebook::take_from(options.take);
    const std::string id = judge::stage_of(paths.course, options.inputs.front(), options.stage);
    const auto manifest = judge::Manifest::of_stage(paths.course, id);
    for (const std::string &check : options.checks)
        static_cast<void>(manifest.check(check));
    std::optional<intake::Roster> roster;
    if (!options.roster.empty())
        roster = intake::Roster::parse(read_file(options.roster), options.roster);

    const auto progress = options.quiet ? silent_progress() : progress_to(STDERR_FILENO);
    gradebook::Database database(options.gradebook);
    if (roster)
        gradebook::put_roster(database, roster->students());
    intake::Search search{.roster = roster ? &*roster : nullptr, .marks = manifest.files};
    search.marks.emplace_back("stage.toml");
    const auto taken = gradebook::take_in(
        database, id, {options.inputs.begin(), options.inputs.end()}, search, *progress);
    for (const std::string &stranger : taken.strangers)
        progress->note(fmt::format("{} is not on the roster; graded all the same", stranger));

    // Its own: a student's kernel that is built must not end the phase of the whole.
    const auto lab_progress = options.quiet ? silent_progress() : progress_to(STDERR_FILENO);
    judge::Lab lab(paths, *lab_progress, options.accel);
    judge::Judge judge(lab, stages::find(id), manifest);
    const auto terms = executor::prepare(lab, judge, KLASS_VERSION, options.checks);
    const auto choice = gradebook::choose(
        database, take, terms, options.seed.value_or(judge::fresh_seed()), options.retry);
    gradebook::Queue queue(database, terms);
    executor::Work work = executor::work_by(database, judge, options.jobs);
    work.patience.failures = options.tries;
    const auto done = executor::work_off(database, queue, work, *progress);

    const auto entries = gradebook::entries(database, {.stage = id});
    summarise(database, entries, id, choice, done);
    if (!options.report_dir.empty())
        say(fmt::format("  {} in {}",
                        count_of(gradebook::write_reports(database, entries, options.report_dir),
                                 "student's report is", "students' reports are"),
                        options.report_dir));
    const bool all_judged = std::all_of(
        entries.begin(), entries.end(),
        [](const gradebook::Entry &entry) { return !entry.result || entry.result->judged(); });
    if (!all_judged)
        say("  `klass batch --retry` tries those again that could not be judged");
    return all_judged ? ExitStatus::full_marks : ExitStatus::grader_fault;
}

}  // namespace

void add_batch(CLI::App &app, Action &action) {
    static BatchOptions options;
    CLI::App *verb = app.add_subcommand("batch", "Grade a class into a gradebook");
    verb->add_option("input", options.inputs,
                     "A class's folder or archive, or students' own; archives are .zip, .tar, "
                     ".tar.gz, ...")
        ->required();
    verb->add_option("--stage", options.stage, "The stage; else the first input's name says it");
    verb->add_option("--roster", options.roster,
                     "The class as a CSV file with a header: id,name and, where wanted, "
                     "email,section,canvas,sis,login,moodle")
        ->check(CLI::ExistingFile);
    verb->add_option("--gradebook", options.gradebook, "The gradebook's file, made when missing")
        ->capture_default_str();
    verb->add_option("--take", options.take, "Which of a student's hand-ins counts")
        ->option_text("latest|best")
        ->capture_default_str();
    verb->add_option("--report-dir", options.report_dir,
                     "Write each student's report into this folder, as HTML and JSON");
    verb->add_option("--check", options.checks, "Only this check; may be repeated")
        ->allow_extra_args(false);
    verb->add_option("--seed", options.seed,
                     "The seed of all gradings; otherwise one is drawn, and kept with each result");
    verb->add_option("--tries", options.tries,
                     "How often the grader may fail with a submission before it gives it up")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    verb->add_flag("--retry", options.retry, "Try those again that could not be judged");
    verb->add_option("--jobs", options.jobs, "Submissions at once (default: one a processor)");
    verb->add_flag("--quiet,-q", options.quiet, "No progress");
    add_accel(*verb, options.accel);
    verb->footer(
        "Can be stopped and killed at any time: the same command goes on. Exit status: 0 all were\n"
        "graded, with whatever points; 3 some could not be judged; 2 the call is wrong.\n\n"
        "Examples:\n"
        "  klass batch submissions --stage 04-chardev --roster class.csv\n"
        "  klass batch canvas.zip --stage 04-chardev --take best --report-dir reports");
    verb->callback([&] { action = [] { return batch(options); }; });
}

}  // namespace klass::cli
