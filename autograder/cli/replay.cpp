// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/grade.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "judge/difference.h"
#include "judge/judge.h"
#include "kernel/submission.h"
#include "report/audience.h"
#include "report/json.h"
#include "report/live_console.h"
#include "report/phrases.h"
#include "report/terminal_style.h"
#include "report/text.h"
#include "stages/all_stages.h"
#include "util/digest.h"

namespace klass::cli {

namespace {

struct ReplayOptions {
    std::string report;
    std::string check;
    std::string folder;
    bool qemu = false;
    vm::AcceleratorWish accel = vm::AcceleratorWish::automatic;
};

judge::Verdict read_report(const std::string &file) {
    const auto json = nlohmann::ordered_json::parse(read_file(file), nullptr, false);
    if (json.is_discarded())
        throw UsageError(fmt::format("{} is not JSON", file),
                         "klass grade DIR --format json --output report.json writes a report that "
                         "can be replayed");
    return report::verdict_from_json(json);
}

vm::MachineSpec machine_of(judge::Lab &lab, const judge::Manifest &manifest,
                           const judge::CheckInfo &check) {
    return manifest.kind == judge::Kind::kernel ? lab.student_machine("bzImage", "initramfs")
                                                : lab.spec(check.machine);
}

/** What a grading of today would say of itself, beside the report. */
judge::Verdict today(judge::Lab &lab, const judge::Manifest &manifest, const judge::Verdict &then,
                     const std::string &folder) {
    judge::Verdict now;
    now.submission.sha256 = kernel::Submission::from_folder(folder).sha256;
    now.checks_sha256 = judge::checks_sha256(lab.paths().course, then.stage);
    const kernel::Kernel &kernel = lab.kernel(kernel::flavour_from(then.kernel.flavour));
    now.kernel = {then.kernel.flavour, kernel.release, kernel.key};
    // A report has the command line of its first check's machine.
    const std::string &first = then.checks.front().id;
    const auto known = std::find_if(manifest.checks.begin(), manifest.checks.end(),
                                    [&](const auto &check) { return check.id == first; });
    now.qemu.version = lab.qemu_version();
    now.qemu.accelerator = vm::to_string(lab.accelerator().accelerator);
    if (known != manifest.checks.end()) {
        const vm::MachineSpec machine = machine_of(lab, manifest, *known);
        now.qemu.accelerator = vm::to_string(machine.accelerator);
        now.qemu.command = vm::readable_command_line(machine);
    }
    return now;
}

/** The words as a shell takes them. */
std::string typed(const std::vector<std::string> &words) {
    std::string text;
    for (const std::string &word : words) {
        const bool plain = word.find_first_of(" $'\"\\&|;<>()*?`#~") == std::string::npos;
        text += (text.empty() ? "" : " ") + (plain ? word : "'" + word + "'");
    }
    return text;
}

ExitStatus replay(const ReplayOptions &options) {
    const judge::Verdict then = read_report(options.report);
    const bool known = std::any_of(then.checks.begin(), then.checks.end(),
                                   [&](const auto &check) { return check.id == options.check; });
    if (!known)
        throw UsageError(fmt::format("{} has no check {}", options.report, options.check));
    const Paths paths = Paths::from_environment();
    const auto manifest = judge::Manifest::of_stage(paths.course, then.stage);
    const judge::CheckInfo &info = manifest.check(options.check);
    const auto progress = progress_to(STDERR_FILENO);
    judge::Lab lab(paths, *progress, options.accel);
    if (options.qemu) {
        print(typed(vm::readable_command_line(machine_of(lab, manifest, info))) + "\n");
        return ExitStatus::full_marks;
    }
    const std::string folder = options.folder.empty() ? then.submission.path : options.folder;
    const auto differences = judge::differences(then, today(lab, manifest, then, folder));
    for (const std::string &difference : differences)
        fmt::print(stderr, "klass: {}\n", difference);
    if (differences.empty())
        fmt::print(stderr, "klass: sources, kernel, QEMU and checks are those of the report\n");

    const report::TextStyle style = report::terminal_style(STDOUT_FILENO);
    report::LiveConsole console(print, style);
    judge::GradeRequest request{
        .folder = folder, .seed = then.seed, .jobs = 1, .checks = {options.check}};
    if (!info.hidden)
        request.watch = {.asked = [&](const std::string &what) { console.asked(what); },
                         .done = [&](const std::string &line) { console.done(line); },
                         .console = [&](std::string_view line) { console.console(line); }};
    judge::Judge judge(lab, stages::find(then.stage), manifest);
    judge::Observer nobody;
    const judge::Verdict verdict = judge.grade(request, nobody);
    console.end();
    print("\n" + report::text_report(report::for_student(verdict), style));
    return status_of(verdict);
}

}  // namespace

void add_replay(CLI::App &app, Action &action) {
    static ReplayOptions options;
    CLI::App *verb =
        app.add_subcommand("replay", "Carry out one check of a JSON report again, the same way");
    verb->add_option("report", options.report, "The report, from grade --format json")
        ->required()
        ->check(CLI::ExistingFile);
    verb->add_option("check", options.check, "The check's id")->required();
    verb->add_option("--folder", options.folder, "Where the submission is now, if it was moved");
    verb->add_flag("--qemu", options.qemu,
                   "Only print the command line of the machine that the check runs in");
    add_accel(*verb, options.accel);
    verb->footer(
        "Shows each operation as it is asked for, and under it what the guest's kernel says to it. "
        "What differs from\nthe report is said first: sources, kernel, QEMU, checks. The exit "
        "status is that of grade.\n\n"
        "  klass grade . --format json --output report.json\n"
        "  klass replay report.json reads-back");
    verb->callback([&] { action = [] { return replay(options); }; });
}

}  // namespace klass::cli
