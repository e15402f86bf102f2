// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include "cli/inspect.h"
#include "cli/verb.h"
#include "judge/check_run.h"
#include "judge/conclusion.h"
#include "judge/debug_session.h"
#include "judge/judge.h"
#include "judge/workbench.h"
#include "kernel/gdb_script.h"
#include "kernel/relocatable.h"
#include "report/check_text.h"
#include "report/terminal_style.h"
#include "stages/all_stages.h"
#include "util/digest.h"
#include "util/foreground_program.h"
#include "util/subprocess.h"

namespace klass::cli {

namespace {

using namespace std::chrono_literals;

struct DebugOptions {
    SubmissionOptions submission;
    std::string flavour;
    std::string check;
    std::optional<std::uint64_t> seed;
    std::vector<std::string> commands;
    bool batch = false;
};

// The compiler describes every type whole, and each variable wherever it is: neither changes a
// single instruction of the module (gcc(1), "Options for Debugging Your Program").
const kernel::BuildRequest whole_debug_info{
    .variables = {
        {"KCFLAGS", "-femit-struct-debug-detailed=any -fvar-tracking -fvar-tracking-assignments"}}};

void require_gdb() {
    if (find_program("gdb").empty())
        throw UsageError("gdb is not installed", "apt-get install gdb");
}

std::vector<std::string> gdb_words(const DebugOptions &options, const std::string &script) {
    std::vector<std::string> words{"gdb", "-q"};
    if (options.batch)
        words.insert(words.end(), {"-batch", "-nx"});
    words.insert(words.end(), {"-x", script});
    for (const std::string &file : options.commands)
        words.insert(words.end(), {"-x", file});
    return words;
}

/** The modules' files as gdb is to read them, in a folder of their own. */
std::vector<kernel::BuiltModule> modules_for_gdb(const judge::Workbench &bench) {
    const std::filesystem::path folder = bench.folder() / "for-gdb";
    std::filesystem::create_directory(folder);
    std::vector<kernel::BuiltModule> modules;
    for (const kernel::BuiltModule &module : bench.build().modules) {
        const std::filesystem::path path = folder / module.path.filename();
        const Bytes fit = kernel::without_section_addresses(to_bytes(read_file(module.path)));
        write_file_atomically(path, std::string(fit.begin(), fit.end()));
        modules.push_back({.name = module.name, .path = path, .image = {}});
    }
    return modules;
}

/** What the guest and klass say while gdb has the terminal: the guest only runs when gdb waits. */
void say_beside_gdb(const std::string &line) {
    fmt::print(stderr, "klass: {}\n", line);
}

/** Runs one check in the guest that gdb holds. */
void run_check(guest::Guest &guest, const judge::Workbench &bench, const judge::CheckInfo &info,
               const judge::CheckFunction &check, std::uint64_t seed) {
    // Whoever looks at a stopped guest takes his time.
    guest.set_patience(24h);
    judge::CheckResult result = judge::not_run(info);
    judge::Random random(seed, info.id);
    static_cast<void>(random.nonce());
    judge::run_in(
        guest,
        {.check = check,
         .modules = bench.build().modules,
         .symbols = bench.symbols(),
         .limit = 24h,
         .watch = {
             .asked = [](const std::string &what) { say_beside_gdb("asks for " + what); },
             .done = say_beside_gdb,
             .console = [](std::string_view line) { print_console(std::string(line) + "\n"); }}},
        random, result);
    if (guest.ended())
        return;
    const report::TextStyle style = report::terminal_style(STDERR_FILENO);
    fmt::print(stderr, "{}{}", report::check_line(result, style),
               report::check_details(result, style));
}

ExitStatus debug(const DebugOptions &options) {
    require_gdb();
    const Inspection inspection(options.submission);
    const judge::Manifest &manifest = inspection.manifest();
    const judge::CheckInfo *info = options.check.empty() ? nullptr : &manifest.check(options.check);
    judge::MachineWish wish = judge::wish_for_hand(
        manifest, options.flavour.empty() ? std::nullopt
                                          : std::optional(kernel::flavour_from(options.flavour)));
    if (info != nullptr)
        wish = info->machine;
    judge::Workbench bench(inspection.lab(), manifest, options.submission.folder, wish,
                           whole_debug_info);
    if (!bench.build().ok)
        return tell_failed_build(judge::summary_of(bench.build()));
    const Paths &paths = inspection.lab().paths();
    const kernel::GdbKit kit = kernel::obtain_gdb_kit(bench.kernel(), paths.course, paths.cache,
                                                      inspection.lab().progress());

    guest::Guest guest = bench.start();
    judge::DebugSession session(guest, bench.build().modules, say_beside_gdb);
    const std::filesystem::path socket = bench.folder() / "gdb";
    guest.machine().serve_debugger(socket);
    // It stands still until gdb has connected; what it is asked for meanwhile waits in its port.
    guest.machine().qmp().execute("stop");
    const std::filesystem::path script = bench.folder() / "klass.gdb";
    write_file_atomically(
        script, kernel::gdb_script({.kernel = bench.kernel(),
                                    .kit = kit,
                                    .modules = modules_for_gdb(bench),
                                    .sources = std::filesystem::absolute(options.submission.folder),
                                    .socket = socket,
                                    .stop_in_init = true,
                                    .for_a_person = !options.batch}));
    if (!options.batch)
        fmt::print(
            stderr,
            "klass: {} on Linux {}. klass-run COMMAND has the guest do something, quit ends.\n",
            manifest.id, bench.kernel().release);
    std::array<int, 2> channel{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel.data()) != 0)
        throw GraderFault("no socket for gdb: " + errno_text(errno));
    const ScopedFd ours(channel[0]);
    ScopedFd theirs(channel[1]);
    ForegroundProgram gdb({.argv = gdb_words(options, script.string()),
                           .environment = {{"KLASS_CHANNEL", std::to_string(theirs.get())},
                                           {"PYTHONDONTWRITEBYTECODE", "1"}},
                           .inherited = {theirs.get()}});
    theirs.reset();
    guest.machine().end_with(gdb.pidfd());
    guest.machine().on_console = print_console;
    if (info != nullptr)
        run_check(guest, bench, *info, *stages::find(manifest.id).find(info->id),
                  options.seed.value_or(judge::fresh_seed()));
    else
        session.load_all();
    session.serve(ours.get());
    return gdb.wait() == 0 ? ExitStatus::full_marks : ExitStatus::points_lost;
}

}  // namespace

void add_debug(CLI::App &app, Action &action) {
    static DebugOptions options;
    CLI::App *verb = app.add_subcommand(
        "debug", "gdb on the course's kernel with a submission's modules, stopped in their init");
    add_submission(*verb, options.submission);
    verb->add_option("--flavour", options.flavour,
                     "debug, which notices every fault, or fast (default: the stage's)");
    verb->add_option("--check", options.check, "Run this check of the stage under gdb");
    verb->add_option("--seed", options.seed, "Of that check, as a report has it");
    verb->add_option("--command,-x", options.commands,
                     "A file of gdb commands, carried out in the init function; may be repeated")
        ->allow_extra_args(false)
        ->check(CLI::ExistingFile);
    verb->add_flag("--batch", options.batch, "End after the commands");
    verb->footer(
        "In gdb: break, step, backtrace and print as ever, with the module's source; lx-dmesg, "
        "lx-lsmod, lx-ps and\nthe kernel's other helpers; klass-run COMMAND, klass-load NAME and "
        "klass-unload NAME for what the guest is\nto do once it runs on. Ctrl-C stops the guest, "
        "quit ends all.\n\n"
        "  klass debug ~/chardev\n"
        "  klass debug ~/chardev --check reads-back");
    verb->callback([&] { action = [] { return debug(options); }; });
}

}  // namespace klass::cli
