// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/grade.h"
#include "cli/output.h"
#include "cli/preview.h"
#include "cli/remember.h"
#include "cli/shown.h"
#include "cli/verb.h"
#include "desk/console_logs.h"
#include "judge/judge.h"
#include "report/audience.h"
#include "report/format.h"
#include "report/live.h"
#include "report/terminal_style.h"
#include "stages/all_stages.h"
#include "util/digest.h"

namespace klass::cli {

namespace {

/** @throws GraderFault when the folder cannot be made or written to */
void write_captures(const judge::Verdict &verdict, const std::filesystem::path &folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        throw UsageError(
            fmt::format("cannot make the folder {}: {}", folder.string(), error.message()));
    for (const judge::CheckResult &check : verdict.checks)
        for (const judge::Capture &capture : check.captures)
            write_file_atomically(folder / judge::capture_name(check.id, capture.phase),
                                  std::string(capture.file.begin(), capture.file.end()));
}

}  // namespace

ExitStatus status_of(const judge::Verdict &verdict) {
    switch (verdict.outcome) {
        case judge::Outcome::accepted:
            return ExitStatus::full_marks;
        case judge::Outcome::judge_error:
            return ExitStatus::grader_fault;
        default:
            return ExitStatus::points_lost;
    }
}

ExitStatus grade(const GradeOptions &options) {
    const Paths paths = Paths::from_environment();
    std::vector<const report::Format *> formats;
    for (const std::string &name : options.formats)
        formats.push_back(&report::format_from(name));
    const bool to_screen =
        !options.quiet &&
        std::none_of(options.outputs.begin(), options.outputs.end(), is_standard_output);

    // What can be wrong with the call is found out before anything is built.
    static_cast<void>(kernel::Submission::from_folder(options.folder));
    const std::string id = judge::stage_of(paths.course, options.folder, options.stage);
    const auto manifest = judge::Manifest::of_stage(paths.course, id);
    for (const std::string &check : options.checks)
        static_cast<void>(manifest.check(check));

    const auto progress = options.quiet ? silent_progress() : progress_to(STDERR_FILENO);
    judge::Lab lab(paths, *progress, options.accel);
    judge::Judge judge(lab, stages::find(id), manifest);

    report::TextStyle style = report::terminal_style(STDOUT_FILENO);
    const auto live =
        to_screen ? report::live_report_to(STDOUT_FILENO, style) : report::silent_live_report();
    const judge::GradeRequest request{.folder = options.folder,
                                      .seed = options.seed.value_or(judge::fresh_seed()),
                                      .jobs = options.jobs,
                                      .checks = options.checks};
    if (to_screen && options.preview)
        preview_while_building(judge, request, paths, *progress, style);
    Shown shown(*live, options.checks.empty() ? manifest.checks.size() : options.checks.size());
    judge::Verdict verdict = judge.grade(request, shown);
    live->end();
    remember(lab, manifest, verdict, options.checks.empty(), *progress);
    if (!options.log.empty())
        desk::write_console_logs(verdict, options.log);

    for (std::size_t i = 0; i < formats.size(); ++i) {
        const std::string text =
            formats[i]->render(report::for_student(verdict), report::TextStyle{});
        write_out(options.outputs[i], text);
    }
    if (!options.captures.empty())
        write_captures(report::for_student(verdict), options.captures);
    if (to_screen) {
        style.list_passed = false;
        print(report::text_report(report::for_student(verdict), style));
    }
    return status_of(verdict);
}

namespace {

/** One for each --format: the --output right after it, or else nothing. */
std::vector<std::string> outputs_of(const CLI::App &verb, const CLI::Option *format,
                                    const CLI::Option *output) {
    std::vector<std::string> outputs;
    std::size_t used = 0;
    for (const CLI::Option *option : verb.parse_order()) {
        if (option == format)
            outputs.emplace_back();
        if (option != output)
            continue;
        if (outputs.empty() || !outputs.back().empty())
            throw UsageError("--output without a --format before it");
        outputs.back() = output->results()[used++];
    }
    return outputs;
}

}  // namespace

void add_grade(CLI::App &app, Action &action) {
    static GradeOptions options;
    CLI::App *verb = app.add_subcommand("grade", "Grade a submission");
    verb->add_option("folder", options.folder, "The submission's folder")->required();
    verb->add_option("--stage", options.stage,
                     "The stage; else the folder's stage.toml or its name says it");
    verb->add_option("--check", options.checks, "Only this check; may be repeated")
        ->allow_extra_args(false);
    verb->add_option("--seed", options.seed, "Make the same random choices as that grading did");
    verb->add_option("--jobs", options.jobs, "Checks at once (default: one a processor)");
    const CLI::Option *format =
        verb->add_option("--format", options.formats,
                         report::format_names() +
                             "; may be repeated, and goes to standard output or to --output")
            ->allow_extra_args(false);
    const CLI::Option *output =
        verb->add_option("--output", options.outputs,
                         "File for the --format before it; - is standard output")
            ->allow_extra_args(false);
    verb->add_option("--captures", options.captures,
                     "Folder for what went over the network cable: a pcap file a phase");
    verb->add_option("--log", options.log,
                     "Folder for the whole console of each check that did not pass");
    verb->add_flag("!--no-preview", options.preview,
                   "Show nothing of Debian's kernel while a course kernel is built");
    verb->add_flag("--quiet,-q", options.quiet,
                   "No progress, and no text beside what is asked for");
    add_accel(*verb, options.accel);
    verb->callback([&action, verb, format, output] {
        action = [verb, format, output] {
            options.outputs = outputs_of(*verb, format, output);
            return grade(options);
        };
    });
}

}  // namespace klass::cli
