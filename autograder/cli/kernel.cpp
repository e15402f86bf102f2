// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include "cli/verb.h"
#include "judge/lab.h"

namespace klass::cli {

namespace {

struct Options {
    std::vector<std::string> flavours;
    vm::AcceleratorWish accel = vm::AcceleratorWish::automatic;
};

ExitStatus build(const Options &options) {
    const auto progress = progress_to(STDERR_FILENO);
    judge::Lab lab(Paths::from_environment(), *progress, options.accel);
    const std::vector<std::string> both{"debug", "fast"};
    for (const std::string &name : options.flavours.empty() ? both : options.flavours) {
        const kernel::Flavour flavour = kernel::flavour_from(name);
        const kernel::Kernel &kernel = lab.kernel(flavour);
        lab.snapshot({.flavour = flavour});
        fmt::print("{}  {}  {}\n", name, kernel.release, kernel.build.parent_path().string());
    }
    return ExitStatus::full_marks;
}

}  // namespace

void add_kernel(CLI::App &app, Action &action) {
    CLI::App *verb = app.add_subcommand("kernel", "Manage the course kernels");
    verb->require_subcommand(1);
    CLI::App *build_verb =
        verb->add_subcommand("build", "Build the kernels and freeze their snapshots ahead of need");
    static Options options;
    build_verb->add_option("flavour", options.flavours, "debug, fast, or both when left out");
    add_accel(*build_verb, options.accel);
    build_verb->callback([&] { action = [] { return build(options); }; });
}

}  // namespace klass::cli
