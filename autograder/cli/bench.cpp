// SPDX-License-Identifier: Apache-2.0
// Benchmarks of what a user waits for. Ratios are taken within one run, for
// machines drift; nothing here passes or fails.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/frame_cost.h"
#include "cli/verb.h"
#include "guest/process.h"
#include "judge/judge.h"
#include "judge/manifest.h"
#include "kernel/in_tree.h"
#include "kernel/kbuild.h"
#include "util/parallel.h"
#include "util/subprocess.h"
#include "util/temporary_folder.h"

namespace klass::cli {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using kernel::Flavour;
using namespace std::chrono_literals;

struct BenchOptions {
    std::vector<std::string> names;
    std::string format = "text";
    unsigned clones = 50;
    unsigned row = 1000;
    unsigned verdicts = 5;
    vm::AcceleratorWish accel = vm::AcceleratorWish::automatic;
};

/** Several measurements of one thing. */
struct Sample {
    std::vector<double> values;

    void add(double value) { values.push_back(value); }
    [[nodiscard]] double quantile(double part) const {
        std::vector<double> sorted = values;
        std::sort(sorted.begin(), sorted.end());
        if (sorted.empty())
            return 0;
        const auto last = static_cast<double>(sorted.size() - 1);
        return sorted[static_cast<std::size_t>(std::lround(part * last))];
    }
    [[nodiscard]] double median() const { return quantile(0.5); }
    [[nodiscard]] double min() const { return quantile(0); }
    [[nodiscard]] double max() const { return quantile(1); }
};

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

class Bench {
  public:
    Bench(const BenchOptions &options, Progress &progress)
        : options_(options), lab_(Paths::from_environment(), progress, options.accel) {}

    void run() {
        const bool ratio = wanted("boot_over_clone");
        if (wanted("boot") || wanted("clone") || wanted("clone_memory") || ratio) {
            boot_and_clone(Flavour::debug, "");
            boot_and_clone(Flavour::fast, "_fast");
        }
        for (const unsigned at_once : {1U, 2U})
            if (wanted(fmt::format("clones_per_second_{}", at_once)))
                clones_per_second(at_once);
        if (wanted("clones_in_a_row"))
            clones_in_a_row();
        if (wanted("icount_noise"))
            icount_noise();
        if (wanted("frame_cost"))
            frame_cost();
        for (const std::string &stage : judge::stage_ids(lab_.paths().course))
            if (wanted("verdict_" + stage) || wanted("submissions_per_hour_" + stage))
                verdict(stage);
        // A quarter of an hour, and all of the machine.
        if (!options_.names.empty() && wanted(cold_name))
            cold_first_verdict();
    }

    [[nodiscard]] const nlohmann::ordered_json &results() const { return results_; }

  private:
    [[nodiscard]] bool wanted(const std::string &name) const {
        return options_.names.empty() ||
               std::any_of(options_.names.begin(), options_.names.end(), [&](const auto &asked) {
                   return name.starts_with(asked) || asked.starts_with(name + "_");
               });
    }

    void record(const std::string &name, const char *unit, const Sample &sample,
                const std::string &note) {
        results_.push_back({{"name", name},
                            {"unit", unit},
                            {"value", sample.median()},
                            {"n", sample.values.size()},
                            {"min", sample.min()},
                            {"max", sample.max()},
                            {"note", note}});
        if (options_.format == "text") {
            fmt::print("{:<36} {:>10.2f} {:<9} (min {:.2f}, max {:.2f}, n {})  {}\n", name,
                       sample.median(), unit, sample.min(), sample.max(), sample.values.size(),
                       note);
            std::fflush(stdout);
        }
    }

    double boot(const vm::MachineSpec &spec) {
        const ScopedFd ram(memfd_create("klass-bench", MFD_CLOEXEC));
        if (ftruncate(ram.get(), static_cast<off_t>(spec.memory_mib) << 20) < 0)
            throw GraderFault("no memory for a guest");
        const auto start = Clock::now();
        guest::Guest guest(vm::Machine(spec, ram.get(), vm::Start::boot), {}, 1);
        guest.hello(5min);
        return milliseconds_since(start);
    }

    // Boots between clones, so that both meet the same machine.
    void boot_and_clone(Flavour flavour, const std::string &suffix) {
        const judge::MachineWish wish{.flavour = flavour};
        const auto snapshot = lab_.snapshot(wish);
        const guest::Warm warm = guest::Warm::from_note(snapshot->note());
        Sample boots;
        Sample cold;
        Sample ahead;
        Sample memory;
        constexpr unsigned rounds = 3;
        for (unsigned round = 0; round < rounds; ++round) {
            boots.add(boot(lab_.spec(wish)));
            for (unsigned i = 0; i < options_.clones / rounds; ++i) {
                throw_if_interrupted();
                const auto start = Clock::now();
                vm::Machine machine = snapshot->start_waiting();
                const auto asked = Clock::now();
                snapshot->resume(machine);
                guest::Guest guest(std::move(machine), warm, i);
                guest.thaw(30s);
                cold.add(milliseconds_since(start));
                ahead.add(milliseconds_since(asked));
                memory.add(private_mib(guest.machine().pid()));
            }
        }
        const std::string kernel = fmt::format("{} kernel, {}", kernel::to_string(flavour),
                                               vm::to_string(lab_.spec(wish).accelerator));
        record("boot" + suffix, "ms", boots, kernel + ", power-on to the agent's first reply");
        record("clone" + suffix, "ms", cold, kernel + ", start of QEMU to the first reply");
        record("clone_ahead" + suffix, "ms", ahead, kernel + ", QEMU started ahead");
        record("clone_memory" + suffix, "MiB", memory, kernel + ", private memory of its QEMU");
        record("boot_over_clone" + suffix, "x", {{boots.median() / cold.median()}},
               "ratio of the two medians");
    }

    // proc(5), smaps_rollup: what no other clone shares.
    static double private_mib(pid_t pid) {
        std::ifstream file(fmt::format("/proc/{}/smaps_rollup", pid));
        double kib = 0;
        for (std::string line; std::getline(file, line);)
            if (line.starts_with("Private_"))
                kib += std::strtod(line.c_str() + line.find(':') + 1, nullptr);
        return kib / 1024;
    }

    void clones_per_second(unsigned at_once) {
        const auto snapshot = lab_.snapshot({.flavour = Flavour::debug});
        Sample rates;
        for (int round = 0; round < 3; ++round) {
            vm::ClonePool pool(snapshot, at_once);
            const auto start = Clock::now();
            in_parallel(options_.clones, at_once, [&](std::size_t) { judge::clone(pool, 1); });
            rates.add(options_.clones * 1000 / milliseconds_since(start));
        }
        record(fmt::format("clones_per_second_{}", at_once), "1/s", rates,
               fmt::format("debug kernel, {} at once, each answers and is thrown away", at_once));
    }

    static std::size_t open_descriptors() {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
    }

    static double own_resident_mib() {
        std::ifstream status("/proc/self/statm");
        std::size_t total = 0;
        std::size_t resident = 0;
        status >> total >> resident;
        return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) /
               (1 << 20);
    }

    void clones_in_a_row() {
        const auto snapshot = lab_.snapshot({.flavour = Flavour::debug});
        vm::ClonePool pool(snapshot, 1);
        Sample times;
        judge::clone(pool, 1);
        const std::size_t descriptors = open_descriptors();
        const double resident = own_resident_mib();
        unsigned failures = 0;
        for (unsigned i = 0; i < options_.row; ++i) {
            throw_if_interrupted();
            const auto start = Clock::now();
            try {
                judge::clone(pool, i);
                times.add(milliseconds_since(start));
            } catch (const GraderFault &) {
                ++failures;
            }
        }
        if (times.values.empty())
            throw GraderFault("none of the clones answered", "klass doctor looks for the reason");
        // The pool may have one more machine waiting than when we first looked.
        record("clones_in_a_row", "ms", times,
               fmt::format("{} failed; p99 {:.1f} ms; {:+} descriptors, {:+.1f} MiB", failures,
                           times.quantile(0.99),
                           static_cast<long>(open_descriptors()) - static_cast<long>(descriptors),
                           own_resident_mib() - resident));
        record("clones_in_a_row_failed", "clones", {{static_cast<double>(failures)}},
               fmt::format("of {}", options_.row));
    }

    void icount_noise() {
        const auto snapshot = lab_.snapshot({.flavour = Flavour::fast, .icount_shift = 1});
        vm::ClonePool pool(snapshot, 1, 20);
        // So many that a tick of the timer more or less in the measured time is nothing.
        constexpr std::uint32_t reads = 20000;
        Sample times;
        for (unsigned i = 0; i < 20; ++i) {
            guest::Guest guest = judge::clone(pool, i);
            guest::Process process = guest.process();
            const auto zero = process.open("/dev/zero", O_RDONLY);
            guest::File file = process.as_file(zero, "/dev/zero");
            file.read_times(1024, 0, reads);
            times.add(static_cast<double>(file.read_times(1024, 0, reads).nanoseconds));
        }
        record("icount_noise", "%", {{(times.max() - times.min()) / times.median() * 100}},
               fmt::format("spread of {} reads of 1 KiB over 20 clones; one takes {:.0f} ns of "
                           "guest time",
                           reads, times.median() / reads));
    }

    kernel::BuiltModule build(const kernel::Kernel &kernel, const fs::path &sources,
                              const std::string &module, const fs::path &folder) {
        fs::create_directory(folder);
        const kernel::KbuildResult result = kernel::build_modules(
            kernel, kernel::Submission::from_folder(sources), folder, {module});
        if (!result.ok)
            throw GraderFault(fmt::format("{} does not build: {}", sources.string(), result.error));
        return result.modules.front();
    }

    // The kernel's own driver and ours, frame by frame.
    void frame_cost() {
        const judge::MachineWish wish{.flavour = Flavour::fast, .icount_shift = 1, .network = true};
        const kernel::Kernel &kernel = lab_.kernel(wish.flavour);
        const TemporaryFolder folder("bench");
        kernel::copy_in_tree_module(kernel,
                                    {.folder = "drivers/net/ethernet/intel/e1000",
                                     .original = "e1000",
                                     .module = "e1000_klass"},
                                    folder.path() / "e1000");
        const auto in_tree =
            build(kernel, folder.path() / "e1000", "e1000_klass", folder.path() / "in-tree");
        const auto ours = build(kernel, lab_.paths().course / "solutions" / "02-e1000-remove",
                                "e1000_klass", folder.path() / "ours");
        vm::ClonePool pool(lab_.snapshot(wish), 1);
        for (const std::size_t length : {std::size_t{64}, std::size_t{1514}}) {
            const Sample theirs{{instructions_per_frame(pool, in_tree, length)}};
            const Sample own{{instructions_per_frame(pool, ours, length)}};
            const std::string suffix = fmt::format("_{}", length);
            record("frame_cost_in_tree" + suffix, "instr", theirs,
                   fmt::format("the kernel's e1000: {} bytes sent and received", length));
            record("frame_cost" + suffix, "instr", own, "the driver of stage 02, the same");
            record("frame_cost_ratio" + suffix, "x", {{own.median() / theirs.median()}},
                   "ours over the kernel's");
        }
    }

    // As a student does it: a new process for each save.
    void verdict(const std::string &stage) {
        const fs::path solution = lab_.paths().course / "solutions" / stage;
        Sample times;
        for (unsigned i = 0; i < options_.verdicts + 1; ++i) {
            const auto start = Clock::now();
            const Outcome outcome =
                klass::run({.argv = {fs::read_symlink("/proc/self/exe").string(), "grade",
                                     solution.string(), "--stage", stage, "--quiet"}});
            const double took = milliseconds_since(start);
            if (outcome.exit_code != 0)
                throw GraderFault(fmt::format("the reference of {} did not get full marks:\n{}",
                                              stage, outcome.output));
            if (i > 0)
                times.add(took);
        }
        record("verdict_" + stage, "ms", times, "the whole command, reference solution");
        Sample per_hour;
        for (const double took : times.values)
            per_hour.add(3600 * 1000 / took);
        record("submissions_per_hour_" + stage, "1/h", per_hour, "one after another");
    }

    // As a newcomer does it: a fresh checkout, no cache of anybody's. What it goes into is what the
    // wrapper and the program say to have done; Debian's packages are here already.
    void cold_first_verdict() {
        const TemporaryFolder folder("cold");
        const fs::path checkout = folder.path() / "klass";
        const auto start = Clock::now();
        const Outcome cloned = klass::run(
            {.argv = {"git", "clone", "--quiet", lab_.paths().course.string(), checkout.string()}});
        if (!cloned.ok())
            throw UsageError(
                fmt::format("{} begins with a clone of the course's repository, and "
                            "git says: {}",
                            cold_name, cloned.output));
        std::vector<std::string> parts;
        const Outcome graded =
            klass::run({.argv = {checkout / "klass", "grade", checkout / "solutions/04-chardev"},
                        .environment = {{"KLASS_CACHE", folder.path() / "cache"},
                                        {"KLASS_COURSE", checkout},
                                        {"KLASS_STATE", folder.path() / "state"},
                                        {"CCACHE_DIR", folder.path() / "ccache"}},
                        .on_line = [&](std::string_view line) {
                            constexpr std::string_view speaker = "klass: ";
                            if (line.find(": done in ") != std::string_view::npos)
                                parts.emplace_back(
                                    line.substr(line.starts_with(speaker) ? speaker.size() : 0));
                        }});
        if (!graded.ok())
            throw GraderFault(fmt::format("the first grading failed:\n{}", graded.output));
        record(cold_name, "s", {{milliseconds_since(start) / 1000}},
               fmt::format("clone of the repository to the verdict of stage 04: {}",
                           fmt::join(parts, "; ")));
    }

    static constexpr const char *cold_name = "cold_first_verdict";

    BenchOptions options_;
    judge::Lab lab_;
    nlohmann::ordered_json results_ = nlohmann::ordered_json::array();
};

ExitStatus bench(const BenchOptions &options) {
    const auto progress = progress_to(STDERR_FILENO);
    Bench bench(options, *progress);
    bench.run();
    if (bench.results().empty())
        throw UsageError(fmt::format("no benchmark is called {}", fmt::join(options.names, ", ")),
                         "leave the name out to run all of them");
    if (options.format == "json")
        fmt::print("{}\n", nlohmann::ordered_json{{"benchmarks", bench.results()}}.dump(2));
    return ExitStatus::full_marks;
}

}  // namespace

void add_bench(CLI::App &app, Action &action) {
    static BenchOptions options;
    CLI::App *verb = app.add_subcommand("bench", "Measure this machine");
    verb->add_option("name", options.names,
                     "Only the benchmarks whose names begin like this; cold_first_verdict, which "
                     "takes 10 to 25 minutes, runs only when it is named");
    verb->add_option("--format", options.format, "text or json")
        ->check(CLI::IsMember({"text", "json"}));
    verb->add_option("--clones", options.clones, "Clones a figure (default 50)")
        ->check(CLI::Range(3, 100'000));
    verb->add_option("--row", options.row, "Clones of clones_in_a_row (default 1000)")
        ->check(CLI::Range(1, 1'000'000));
    verb->add_option("--verdicts", options.verdicts, "Gradings a figure (default 5)")
        ->check(CLI::Range(1, 10'000));
    add_accel(*verb, options.accel);
    verb->callback([&] { action = [] { return bench(options); }; });
}

}  // namespace klass::cli
