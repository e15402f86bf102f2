// SPDX-License-Identifier: Apache-2.0
#include "cli/inspect.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "kernel/submission.h"
#include "kernel/text.h"
#include "report/check_text.h"
#include "report/diagnostic_text.h"
#include "report/terminal_style.h"

namespace klass::cli {

namespace {

judge::Manifest manifest_of(const SubmissionOptions &options, const Paths &paths) {
    static_cast<void>(kernel::Submission::from_folder(options.folder));
    return judge::Manifest::of_stage(paths.course,
                                     judge::stage_of(paths.course, options.folder, options.stage));
}

}  // namespace

void add_submission(CLI::App &verb, SubmissionOptions &options) {
    verb.add_option("folder", options.folder, "The submission's folder")->required();
    verb.add_option("--stage", options.stage,
                    "The stage; else the folder's stage.toml or its name says it");
    add_accel(verb, options.accel);
}

Inspection::Inspection(const SubmissionOptions &options)
    : manifest_(manifest_of(options, Paths::from_environment())),
      progress_(progress_to(STDERR_FILENO)),
      lab_(std::make_unique<judge::Lab>(Paths::from_environment(), *progress_, options.accel)) {}

ExitStatus tell_failed_build(const judge::BuildSummary &build) {
    const report::TextStyle style = report::terminal_style(STDERR_FILENO);
    fmt::print(stderr, "klass: {}\n\n", build.error);
    for (const kernel::Diagnostic &diagnostic : build.diagnostics)
        fmt::print(stderr, "{}\n", report::diagnostic_details(diagnostic, style));
    if (build.diagnostics.empty())
        fmt::print(stderr, "{}\n", build.output);
    return ExitStatus::points_lost;
}

void print_crash(const judge::Crash &crash) {
    fmt::print(stderr, "\nklass: in the meantime the kernel reported:\n{}",
               report::crash_details(crash, report::terminal_style(STDERR_FILENO)));
}

void print_console(std::string_view text) {
    const std::string safe = kernel::safe_text(text);
    std::fwrite(safe.data(), 1, safe.size(), stderr);
    std::fflush(stderr);
}

}  // namespace klass::cli
