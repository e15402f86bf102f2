// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "cli/inspect.h"
#include "cli/verb.h"
#include "guest/console_session.h"
#include "guest/shell.h"
#include "judge/boot_trial.h"
#include "judge/conclusion.h"
#include "judge/evidence.h"
#include "judge/judge.h"
#include "judge/kernel_grading.h"
#include "judge/workbench.h"
#include "pose/wire.h"
#include "stages/all_stages.h"
#include "util/temporary_folder.h"
#include "vm/relay.h"
#include "wire/station.h"

namespace klass::cli {

namespace {

using namespace std::chrono_literals;

// The other end of the cable, for a person's guest: any address of this network may be its own.
constexpr const char *host_address = "10.0.0.1";

struct ShellOptions {
    SubmissionOptions submission;
    std::string flavour;
    std::string command;
    std::optional<std::uint16_t> pose_port;  ///< of this machine's loopback
    bool load = false;
};

guest::ShellSettings settings() {
    const char *term = std::getenv("TERM");
    return {.home = judge::guest_home, .terminal = term == nullptr ? "" : term};
}

/** @return whether all were loaded */
bool load_all(guest::Process &process, const std::vector<kernel::BuiltModule> &modules) {
    for (const kernel::BuiltModule &module : modules) {
        const auto loaded = process.load_module(module.name, module.image);
        if (!loaded.ok()) {
            fmt::print(stderr, "klass: {}\n", loaded.line());
            return false;
        }
    }
    return true;
}

/** What the kernel said of itself in the meantime, with the submission's lines. */
void tell_of_reports(guest::Guest &guest, const judge::Workbench &bench) {
    if (guest.lost())
        guest.settle(2s);
    const auto evidence = judge::console_evidence(
        {.text = guest.console(), .flooded = guest.console_flooded()}, bench.symbols());
    if (evidence.crash)
        print_crash(*evidence.crash);
}

void bring_up_network(guest::Process &process) {
    const auto up =
        guest::start_shell_command(
            process, settings(),
            fmt::format("ifconfig eth0 {} netmask 255.255.255.0 up", vm::OwnNetwork::guest_address))
            .wait();
    if (!up.ok() || up.result != 0)
        throw GraderFault("the guest's network card does not come up: " + guest::text(up));
}

ExitStatus run_command(guest::Guest &guest, guest::Process &process, const std::string &command) {
    guest.machine().on_console = [](std::string_view text) { print_console(text); };
    guest::Pending running = guest::start_shell_command(process, settings(), command);
    const auto ended = running.wait(24h);
    guest.console();
    guest.machine().on_console = nullptr;
    std::fwrite(ended.data.data(), 1, ended.data.size(), stdout);
    std::fflush(stdout);
    if (ended.state != guest::Observation::State::returned) {
        fmt::print(stderr, "klass: the machine ended before the command did\n");
        return ExitStatus::points_lost;
    }
    const int status = static_cast<int>(ended.result);
    // A command's status is passed on as it is, as ssh(1) does.
    return static_cast<ExitStatus>(WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                                       : WEXITSTATUS(status));
}

void print_welcome(const Inspection &inspection, const judge::Workbench &bench,
                   const std::string &neighbour) {
    const judge::Manifest &manifest = inspection.manifest();
    fmt::print(stderr, "klass: {} on Linux {}. ", manifest.id, bench.kernel().release);
    if (!manifest.modules.empty())
        fmt::print(stderr, "Your modules lie here: insmod {}.ko. ", manifest.modules.front());
    if (!manifest.programs.empty())
        fmt::print(stderr, "So does ./{}. ", manifest.programs.front());
    if (!neighbour.empty())
        fmt::print(stderr, "{} ", neighbour);
    fmt::print(stderr, "`exit` ends, and so does Ctrl-].\n");
}

void tell_of_end(guest::SessionEnd end) {
    fmt::print(stderr, "\nklass: {}\n",
               end == guest::SessionEnd::powered_off ? "the machine ended"
                                                     : "you left, and the machine is gone");
}

void talk(guest::Guest &guest, guest::Process &process) {
    guest::Process window = guest.process();
    guest::Pending shell = guest::start_console_shell(process, settings());
    const auto end = guest::run_session(
        guest.machine(), STDIN_FILENO, STDOUT_FILENO,
        {.ended = [&] { return shell.returned(); },
         .resized = [&](WindowSize size) { guest::set_console_size(window, size); }});
    tell_of_end(end);
}

/** A kernel of the student's own has a shell on its console, or nothing at all. */
ExitStatus shell_of_kernel(const ShellOptions &options, const Inspection &inspection) {
    if (options.load || !options.flavour.empty() || options.pose_port)
        throw UsageError("--load, --flavour and --pose-port are for modules; this is a kernel");
    const judge::Manifest &manifest = inspection.manifest();
    const auto submission = kernel::Submission::from_folder(options.submission.folder);
    const TemporaryFolder folder("shell");
    kernel::RecentKernels recent;
    const std::uint64_t seed = judge::fresh_seed();
    judge::KernelGrading kernel(inspection.lab(), recent, stages::find(manifest.id), manifest,
                                submission, seed);
    const judge::BuildSummary build = kernel.build(folder.path());
    if (!build.ok)
        return tell_failed_build(build);
    if (!options.command.empty()) {
        judge::BootTrial trial(
            kernel.built(), kernel.suffix(), [&](const auto &more) { return kernel.start(more); },
            judge::Random(seed, "shell"), 1h);
        std::optional<guest::ShellAnswer> answer;
        const judge::Body body = judge::run_body([&] {
            trial.boot();
            answer = trial.run(options.command);
        });
        if (body.failed)
            fmt::print(stderr, "klass: expected that {}, but {}\n", body.failed->expected,
                       body.failed->actual);
        if (!answer)
            return ExitStatus::points_lost;
        fmt::print("{}", answer->output);
        return static_cast<ExitStatus>(answer->status);
    }
    vm::Machine machine = kernel.start();
    const wire::Station station(machine.cable_fd(), host_address);
    fmt::print(stderr,
               "klass: your kernel boots. At the other end of its cable is {}. Ctrl-] ends.\n",
               host_address);
    const auto end =
        guest::run_session(machine, STDIN_FILENO, STDOUT_FILENO,
                           {.ended = [] { return false; }, .resized = [](WindowSize /*size*/) {}});
    tell_of_end(end);
    return ExitStatus::full_marks;
}

ExitStatus shell(const ShellOptions &options) {
    if (options.command.empty() && isatty(STDIN_FILENO) != 1)
        throw UsageError("a shell wants a terminal",
                         "klass shell DIR --run COMMAND runs one command without one");
    const Inspection inspection(options.submission);
    if (inspection.manifest().kind == judge::Kind::kernel)
        return shell_of_kernel(options, inspection);
    const std::optional<kernel::Flavour> flavour =
        options.flavour.empty() ? std::nullopt
                                : std::optional(kernel::flavour_from(options.flavour));
    const judge::MachineWish wish = judge::wish_for_hand(inspection.manifest(), flavour);
    if (options.pose_port && !wish.camera)
        throw UsageError(inspection.manifest().id + " has no camera: --pose-port leads nowhere");
    judge::Workbench bench(inspection.lab(), inspection.manifest(), options.submission.folder, wish,
                           {.programs = inspection.manifest().programs});
    if (!bench.build().ok)
        return tell_failed_build(judge::summary_of(bench.build()));

    guest::Guest guest = bench.start();
    std::optional<wire::Station> station;
    std::optional<vm::Relay> relay;
    std::string neighbour;
    if (wish.network) {
        station.emplace(guest.machine().cable_fd(), host_address);
        neighbour = fmt::format("At the other end of the cable is {}.", host_address);
    }
    guest::Process process = guest.process();
    guest::prepare_shell(process, settings());
    if (options.pose_port) {
        bring_up_network(process);
        relay.emplace(guest.machine().own_network(), pose::usual_port, *options.pose_port);
        neighbour = fmt::format("At {}:{} is what listens at port {} of this machine.",
                                vm::OwnNetwork::host_address, pose::usual_port, *options.pose_port);
    }
    judge::lay_out(process, bench.build());
    if (options.load && !load_all(process, bench.build().modules)) {
        tell_of_reports(guest, bench);
        return ExitStatus::points_lost;
    }
    ExitStatus status = ExitStatus::full_marks;
    if (!options.command.empty()) {
        status = run_command(guest, process, options.command);
    } else {
        print_welcome(inspection, bench, neighbour);
        talk(guest, process);
    }
    tell_of_reports(guest, bench);
    return status;
}

}  // namespace

void add_shell(CLI::App &app, Action &action) {
    static ShellOptions options;
    CLI::App *verb = app.add_subcommand(
        "shell", "A shell in the course's kernel, with a submission's modules built and at hand");
    add_submission(*verb, options.submission);
    verb->add_option("--flavour", options.flavour,
                     "debug, which notices every fault, or fast (default: the stage's)");
    verb->add_flag("--load", options.load, "Load the modules first");
    verb->add_option("--pose-port", options.pose_port,
                     fmt::format("With a camera: the port of this machine at which `klass "
                                 "pose-server` listens; the guest finds it at {}:{}",
                                 vm::OwnNetwork::host_address, pose::usual_port))
        ->option_text("PORT")
        ->check(CLI::Range(1, 65535));
    verb->add_option("--run", options.command,
                     "Run this command and nothing else; its exit status is klass's, its output is "
                     "on standard output, the kernel's log on standard error");
    verb->footer(
        "`exit` or `poweroff` ends the shell, and Ctrl-] does at any time: the machine is "
        "a copy that is thrown away.\n\n"
        "  klass shell ~/chardev\n"
        "  klass shell ~/chardev --load --run 'echo hi > /dev/cicv; cat /dev/cicv'\n"
        "  klass pose-server & klass shell ~/camera --pose-port 7707 --run './camera_client "
        "10.0.2.2:7707'");
    verb->callback([&] { action = [] { return shell(options); }; });
}

}  // namespace klass::cli
