// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/exit_status.h"
#include "cli/verb.h"

namespace klass::cli {

void add_accel(CLI::App &verb, vm::AcceleratorWish &wish) {
    static const std::map<std::string, vm::AcceleratorWish> names{
        {"auto", vm::AcceleratorWish::automatic},
        {"kvm", vm::AcceleratorWish::kvm},
        {"tcg", vm::AcceleratorWish::tcg}};
    verb.add_option("--accel", wish,
                    "auto (KVM where a kernel was seen to boot under it), kvm, tcg")
        ->transform(CLI::CheckedTransformer(names))
        ->option_text("auto|kvm|tcg");
}

namespace {

int run(int argc, char **argv) {
    CLI::App app{"Klass, a Linux-kernel course that grades itself."};
    app.name("klass");
    app.set_version_flag("--version", "klass " KLASS_VERSION);
    app.require_subcommand(1);
    app.footer(
        "Exit status: 0 full marks, 1 points lost, 2 a mistake in the call or in the course,\n"
        "3 the grader failed (which never costs points).\n\n"
        "Examples:\n"
        "  klass grade solutions/04-chardev\n"
        "  klass grade . --stage 04-chardev --check end-of-file --seed 7\n"
        "  klass grade . --format json --output report.json --format html --output report.html\n\n"
        "Environment: KLASS_CACHE holds kernels and snapshots (default ~/.cache/klass),\n"
        "KLASS_COURSE the course (default: the checkout that klass was built from),\n"
        "KLASS_STATE what it remembers of your work (default ~/.local/state/klass).\n\n"
        "In a checkout there are also ./klass book, which builds the book, and ./klass test.");
    Action action;
    add_list(app, action);
    add_start(app, action);
    add_grade(app, action);
    add_watch(app, action);
    add_hint(app, action);
    add_status(app, action);
    add_replay(app, action);
    add_shell(app, action);
    add_debug(app, action);
    add_lint(app, action);
    add_batch(app, action);
    add_gradebook(app, action);
    add_regrade(app, action);
    add_similar(app, action);
    add_pose_server(app, action);
    add_course(app, action);
    add_kernel(app, action);
    add_doctor(app, action);
    add_bench(app, action);
    add_complete(app, action);
    add_man(app, action);
    // CLI11 itself would only say that a subcommand is required.
    const auto verbs = app.get_subcommands({});
    const auto is_named = [&](const CLI::App *verb) { return verb->check_name(argv[1]); };
    if (argc > 1 && *argv[1] != '-' && std::none_of(verbs.begin(), verbs.end(), is_named))
        throw UsageError(fmt::format("there is no verb {}", argv[1]), "klass --help lists them");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(ExitStatus::usage);
    }
    return static_cast<int>(action());
}

}  // namespace

}  // namespace klass::cli

int main(int argc, char **argv) {
    return klass::cli::exit_status_of("the grader failed, no points are lost: ",
                                      [&] { return klass::cli::run(argc, argv); });
}
