// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/verb.h"
#include "judge/health.h"
#include "judge/lab.h"
#include "report/check_text.h"
#include "report/terminal_style.h"

namespace klass::cli {

namespace {

using judge::Finding;

/** What only a real QEMU and a real kernel can tell. */
std::vector<Finding> examine_machines(const Paths &paths) {
    const auto progress = progress_to(STDERR_FILENO);
    const kernel::KernelStore store(paths, *progress);
    std::vector<Finding> findings;
    for (const kernel::Flavour flavour : {kernel::Flavour::debug, kernel::Flavour::fast})
        if (!store.find(flavour))
            findings.push_back({Finding::State::note,
                                fmt::format("the {} kernel is not built yet; the first use does it",
                                            kernel::to_string(flavour)),
                                fmt::format("klass kernel build {}", kernel::to_string(flavour))});
    if (store.find(kernel::Flavour::debug)) {
        judge::Lab lab(paths, *progress, vm::AcceleratorWish::automatic);
        findings.push_back({Finding::State::ok, "QEMU " + lab.qemu_version()});
        findings.push_back({Finding::State::ok, lab.accelerator().reason});
    }
    return findings;
}

void print(const Finding &finding, const report::TextStyle &style) {
    switch (finding.state) {
        case Finding::State::ok:
            fmt::print("{}       {}\n", report::painted("ok", report::Colour::green, style),
                       finding.what);
            break;
        case Finding::State::note:
            fmt::print("{}     {}\n", report::painted("note", report::Colour::yellow, style),
                       finding.what);
            break;
        case Finding::State::missing:
            fmt::print("{}  {}\n", report::painted("MISSING", report::Colour::red, style),
                       finding.what);
            break;
    }
    if (!finding.mend.empty())
        fmt::print("         mend it: {}\n", finding.mend);
}

ExitStatus doctor() {
    const Paths paths = Paths::from_environment();
    const auto is_missing = [](const Finding &finding) {
        return finding.state == Finding::State::missing;
    };
    std::vector<Finding> findings = judge::examine(paths);
    if (std::none_of(findings.begin(), findings.end(), is_missing))
        for (Finding &finding : examine_machines(paths))
            findings.push_back(std::move(finding));
    const report::TextStyle style = report::terminal_style(STDOUT_FILENO);
    for (const Finding &finding : findings)
        print(finding, style);
    const auto missing = std::count_if(findings.begin(), findings.end(), is_missing);
    if (missing == 0)
        fmt::print("\nKlass can grade here.\n");
    else
        fmt::print("\nKlass cannot grade here before {} mended.\n",
                   missing == 1 ? "that is" : "those are");
    return missing == 0 ? ExitStatus::full_marks : ExitStatus::grader_fault;
}

}  // namespace

void add_doctor(CLI::App &app, Action &action) {
    CLI::App *verb =
        app.add_subcommand("doctor", "Say what Klass finds on this machine, and what is missing");
    verb->footer(
        "MISSING keeps Klass from grading, and each such line has the command that mends "
        "it; a note is about other verbs.\nExit status: 0 when Klass can grade here, 3 "
        "when it cannot.");
    verb->callback([&] { action = doctor; });
}

}  // namespace klass::cli
