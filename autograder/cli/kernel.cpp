// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <set>

#include "cli/verb.h"
#include "judge/lab.h"
#include "judge/manifest.h"
#include "kernel/prepared.h"

namespace klass::cli {

namespace {

struct KernelOptions {
    std::vector<std::string> flavours;
    vm::AcceleratorWish accel = vm::AcceleratorWish::automatic;
};

/** What the builds of the stages' modules have in common. */
void prepare_modules(judge::Lab &lab, const std::set<kernel::Flavour> &flavours,
                     Progress &progress) {
    const std::filesystem::path &course = lab.paths().course;
    std::set<std::pair<kernel::Flavour, std::string>> modules;
    for (const std::string &id : judge::stage_ids(course)) {
        const judge::Manifest stage = judge::Manifest::of_stage(course, id);
        if (stage.kind != judge::Kind::modules)
            continue;
        for (const judge::CheckInfo &check : stage.checks)
            for (const std::string &name : stage.modules)
                if (const kernel::Flavour flavour = check.machine.flavour;
                    flavours.contains(flavour) && !kernel::is_prepared(lab.kernel(flavour), name))
                    modules.emplace(flavour, name);
    }
    if (modules.empty())
        return;
    progress.begin("preparing the stages' modules", modules.size());
    std::uint64_t done = 0;
    for (const auto &[flavour, name] : modules) {
        progress.update(done++, name);
        kernel::prepare_module_of_name(lab.kernel(flavour), name);
    }
    progress.end();
}

ExitStatus build(const KernelOptions &options) {
    const auto progress = progress_to(STDERR_FILENO);
    judge::Lab lab(Paths::from_environment(), *progress, options.accel);
    const std::vector<std::string> both{"debug", "fast"};
    std::set<kernel::Flavour> flavours;
    for (const std::string &name : options.flavours.empty() ? both : options.flavours)
        flavours.insert(kernel::flavour_from(name));
    for (const kernel::Flavour flavour : flavours) {
        const kernel::Kernel &kernel = lab.kernel(flavour);
        fmt::print("{}  {}  {}\n", kernel::to_string(flavour), kernel.release,
                   kernel.build.parent_path().string());
    }
    for (const judge::MachineWish &machine : judge::frozen_machines(lab.paths().course))
        if (flavours.contains(machine.flavour))
            lab.snapshot(machine);
    prepare_modules(lab, flavours, *progress);
    return ExitStatus::full_marks;
}

}  // namespace

void add_kernel(CLI::App &app, Action &action) {
    CLI::App *verb = app.add_subcommand("kernel", "Manage the course kernels");
    verb->require_subcommand(1);
    CLI::App *build_verb =
        verb->add_subcommand("build", "Build the kernels, and freeze all machines, ahead of need");
    static KernelOptions options;
    build_verb->add_option("flavour", options.flavours, "debug, fast, or both when left out");
    add_accel(*build_verb, options.accel);
    build_verb->footer(
        "Every check starts from a machine that was booted once, and frozen. All that some stage "
        "of the course wants are made here, so that no grading has to. What is there already "
        "stays.");
    build_verb->callback([&] { action = [] { return build(options); }; });
}

}  // namespace klass::cli
