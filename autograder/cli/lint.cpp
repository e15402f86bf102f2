// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include "cli/inspect.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "kernel/lint.h"
#include "report/advice.h"
#include "report/terminal_style.h"
#include "util/temporary_folder.h"

namespace klass::cli {

namespace {

struct LintOptions {
    SubmissionOptions submission;
    std::string format = "text";
    std::string output;
};

std::string rendered(const report::AdviceReport &report, const LintOptions &options) {
    if (options.format == "json")
        return report::advice_json(report);
    if (options.format == "sarif")
        return report::advice_sarif(report);
    if (options.format == "github")
        return report::advice_github(report);
    return report::advice_text(report, options.output.empty()
                                           ? report::terminal_style(STDOUT_FILENO)
                                           : report::TextStyle{});
}

ExitStatus lint(const LintOptions &options) {
    const Inspection inspection(options.submission);
    const judge::Manifest &manifest = inspection.manifest();
    const auto submission = kernel::Submission::from_folder(options.submission.folder);
    const TemporaryFolder folder("lint");
    // A student's kernel has modules in its initramfs that are the course's.
    const bool modules = manifest.kind == judge::Kind::modules;
    const kernel::LintResult result =
        kernel::lint(inspection.lab().kernel(manifest.machine.flavour), submission, folder.path(),
                     modules ? manifest.modules : std::vector<std::string>());
    const std::string text = rendered(
        {.stage = manifest.id, .folder = options.submission.folder, .result = result}, options);
    write_out(options.output, text);
    return result.advice.empty() && result.build_error.empty() ? ExitStatus::full_marks
                                                               : ExitStatus::points_lost;
}

}  // namespace

void add_lint(CLI::App &app, Action &action) {
    static LintOptions options;
    CLI::App *verb = app.add_subcommand(
        "lint", "Advice on a submission: checkpatch, sparse, cppcheck, gcc's analyzer");
    add_submission(*verb, options.submission);
    verb->add_option("--format", options.format, "text, json, sarif, github")
        ->check(CLI::IsMember({"text", "json", "sarif", "github"}));
    verb->add_option("--output", options.output, "File for it; else standard output");
    verb->footer(
        "Advice never costs points. Exit status: 0 when there is none, 1 when there is some or the "
        "submission does\nnot build.\n\n"
        "  klass lint ~/chardev\n"
        "  klass lint ~/chardev --format sarif --output lint.sarif");
    verb->callback([&] { action = [] { return lint(options); }; });
}

}  // namespace klass::cli
