// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>

#include "cli/output.h"
#include "cli/verb.h"
#include "gradebook/audit.h"
#include "gradebook/export.h"
#include "gradebook/statistics.h"
#include "report/phrases.h"

namespace klass::cli {

namespace {

using gradebook::Database;

struct GradebookOptions {
    std::string gradebook = "gradebook.sqlite";
    gradebook::Filter filter;
    gradebook::ExportOptions output;
    std::string file;
    std::string report_dir;
    bool audit = false;
};

ExitStatus show(const GradebookOptions &options) {
    Database database(options.gradebook, Database::Access::read);
    gradebook::require_known(database, options.filter);
    const auto entries = gradebook::entries(database, options.filter);
    const auto exported = gradebook::export_entries(database, entries, options.output);
    write_out(options.file, exported.text);
    for (const std::string &note : exported.notes)
        fmt::print(stderr, "klass: {}\n", note);
    if (!options.report_dir.empty())
        fmt::print(stderr, "klass: {} students' reports are in {}\n",
                   gradebook::write_reports(database, entries, options.report_dir),
                   options.report_dir);
    return ExitStatus::full_marks;
}

void show_statistics(const gradebook::Statistics &statistics) {
    std::string text = fmt::format("{}: {} judged, {} of them build", statistics.stage,
                                   statistics.students, statistics.builds);
    if (statistics.median)
        text += fmt::format(
            "; median {} of {}, from {} to {}", report::points_text(*statistics.median),
            report::points_text(statistics.max_score), report::points_text(*statistics.lowest),
            report::points_text(*statistics.highest));
    text += "\n\n  failed  of   check\n";
    for (const gradebook::CheckCount &check : statistics.checks)
        text += fmt::format("  {:>6}  {:<4} {:<22} {}\n", check.failed, check.of, check.id,
                            report::one_line(check.title));
    if (!statistics.crashes.empty())
        text += "\n  students  crash\n";
    for (const gradebook::CrashCount &crash : statistics.crashes)
        text += fmt::format("  {:>8}  {} {}, first in {}\n", crash.students.size(), crash.kind,
                            report::one_line(crash.place), crash.check);
    print(text + "\n");
}

ExitStatus stats(const GradebookOptions &options) {
    Database database(options.gradebook, Database::Access::read);
    gradebook::require_known(database, options.filter);
    const auto stages = options.filter.stage.empty() ? gradebook::stages_in(database)
                                                     : std::vector{options.filter.stage};
    for (const std::string &stage : stages)
        show_statistics(gradebook::statistics_of(database, stage));
    return ExitStatus::full_marks;
}

ExitStatus verify(const GradebookOptions &options) {
    Database database(options.gradebook, Database::Access::read);
    if (options.audit)
        for (const gradebook::AuditRecord &record : gradebook::audit_records(database))
            fmt::print("{:>5}  {}  {:<26} {}\n", record.id, gradebook::time_text(record.at),
                       record.event, record.detail);
    const auto found = gradebook::verify(database);
    for (const std::string &objection : found.objections)
        fmt::print("WRONG  {}\n", objection);
    if (found.objections.empty())
        fmt::print("ok     {} records, {} results; the last digest is {}\n", found.records,
                   found.results, found.last_digest);
    return found.objections.empty() ? ExitStatus::full_marks : ExitStatus::points_lost;
}

}  // namespace

void add_gradebook(CLI::App &app, Action &action) {
    static GradebookOptions options;
    CLI::App *verb =
        app.add_subcommand("gradebook", "Show a gradebook, filter it, hand it to Canvas or Moodle");
    verb->require_subcommand(0, 1);
    const auto add_common = [&](CLI::App *to) {
        to->add_option("--gradebook", options.gradebook, "The gradebook's file")
            ->capture_default_str();
    };
    add_common(verb);
    verb->add_option("--stage", options.filter.stage, "Only this stage");
    verb->add_option("--student", options.filter.student, "Only this student, by id");
    verb->add_option("--failed", options.filter.failed, "Only those whom this check cost points");
    verb->add_option("--format", options.output.format, gradebook::export_format_names())
        ->capture_default_str();
    verb->add_option("--output", options.file, "File for it; else standard output");
    verb->add_option("--assignment", options.output.assignment,
                     "The column's title in Canvas, with Canvas' number: \"Title (4711)\"");
    verb->add_option("--report-dir", options.report_dir,
                     "Write each student's report into this folder, as HTML and JSON");
    verb->footer(
        "Who could not be judged, or handed in nothing that can be graded, gets an empty cell and "
        "is\n"
        "named on standard error: never a zero.\n\n"
        "Examples:\n"
        "  klass gradebook --stage 04-chardev --failed concurrent-writers\n"
        "  klass gradebook --stage 04-chardev --format canvas --output canvas.csv\n"
        "  klass gradebook stats");
    verb->callback([&, verb] {
        if (verb->get_subcommands().empty())
            action = [] { return show(options); };
    });
    CLI::App *stats_verb =
        verb->add_subcommand("stats", "Which checks fail how often, which crashes come again");
    add_common(stats_verb);
    stats_verb->add_option("--stage", options.filter.stage, "Only this stage");
    stats_verb->callback([&] { action = [] { return stats(options); }; });
    CLI::App *verify_verb = verb->add_subcommand(
        "verify",
        "Prove that nobody changed results or grades past Klass (exit 1 when somebody did)");
    add_common(verify_verb);
    verify_verb->add_flag("--audit", options.audit, "Print the audit's records, too");
    verify_verb->callback([&] { action = [] { return verify(options); }; });
}

}  // namespace klass::cli
