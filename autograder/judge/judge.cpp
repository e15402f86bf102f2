// SPDX-License-Identifier: Apache-2.0
#include "judge/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <mutex>
#include <numeric>
#include <random>
#include <thread>

#include "judge/check_run.h"
#include "judge/conclusion.h"
#include "judge/kernel_grading.h"
#include "kernel/kbuild.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/free_space.h"
#include "util/parallel.h"
#include "util/program_id.h"
#include "util/subprocess.h"
#include "util/temporary_folder.h"

namespace klass::judge {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::chrono::milliseconds since(Clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
}

std::vector<kernel::ModuleSymbols> symbols_of(const kernel::KbuildResult &build) {
    std::vector<kernel::ModuleSymbols> symbols;
    for (const kernel::BuiltModule &module : build.modules)
        symbols.emplace_back(module.path, build.sources, kernel::submission_root);
    return symbols;
}

// A build that fails for want of space would look like the student's failure.
void require_space_for_a_grading(const std::filesystem::path &folder) {
    require_space(folder, std::uintmax_t{64} << 20, "a grading", "TMPDIR");
}

/** @throws GraderFault when it failed, and has used up the space that there was */
void tell_of_build(const BuildSummary &build, const std::filesystem::path &folder,
                   Observer &observer) {
    if (!build.ok)
        require_space_for_a_grading(folder);
    observer.built(build);
}

/** The consumers' sources, and the headers that say what they consume: the reference's. */
kernel::Submission consumer_sources(const std::filesystem::path &course, const std::string &stage,
                                    const std::filesystem::path &folder) {
    namespace fs = std::filesystem;
    fs::copy(course / "kmod" / "consumers" / stage, folder);
    for (const fs::directory_entry &entry : fs::directory_iterator(course / "solutions" / stage))
        if (entry.path().extension() == ".h")
            fs::copy(entry.path(), folder);
    return kernel::Submission::from_folder(folder);
}

/** @throws GraderFault when it is not for the submission's exports that they do not build */
std::vector<kernel::BuiltModule> build_consumers(const kernel::Kernel &kernel,
                                                 const std::filesystem::path &course,
                                                 const Manifest &manifest,
                                                 const std::filesystem::path &folder,
                                                 const std::string &symvers) {
    const auto make = [&](const char *purpose) {
        const auto target = folder / fmt::format("consumers.{}", purpose);
        std::filesystem::create_directory(target);
        return target;
    };
    const auto sources = consumer_sources(course, manifest.id, make("sources"));
    auto build =
        kernel::build_consumers(kernel, sources, make("build"), manifest.consumers, symvers);
    if (build.ok)
        return std::move(build.modules);
    const auto alone =
        kernel::build_consumers(kernel, sources, make("alone"), manifest.consumers, {});
    if (!alone.ok)
        throw GraderFault(
            fmt::format("the course's consumers of {} do not build: {}", manifest.id, alone.error));
    std::vector<kernel::BuiltModule> failed;
    for (const std::string &name : manifest.consumers)
        failed.push_back({.name = name, .error = build.error});
    return failed;
}

}  // namespace

BuildSummary summary_of(const kernel::KbuildResult &build) {
    return {.ok = build.ok,
            .error = build.error,
            .diagnostics = build.diagnostics,
            .output = build.ok ? std::string() : build.output,
            .duration = build.duration};
}

std::string checks_sha256(const std::filesystem::path &course, const std::string &stage) {
    return Digest().add(program_id()).add_file(course / "exercises" / stage / "stage.toml").hex();
}

std::uint64_t fresh_seed() {
    std::random_device device;
    // Short enough to be typed again, and exact in JSON's numbers.
    return device() & 0x7fffffffU;
}

/** What a grading builds for one kernel. */
struct Judge::Build {
    const kernel::Kernel *kernel = nullptr;
    Consumers *consumers = nullptr;
    kernel::KbuildResult submission;
    std::vector<kernel::BuiltModule> modules;  ///< the submission's, and their consumers
};

/** All that the checks of one kind of machine have in common, within one grading. */
struct Judge::Rig {
    std::shared_ptr<vm::ClonePool> pool;
    const Build *build = nullptr;
    unsigned checks = 0;
};

Judge::Judge(Lab &lab, const Stage &stage, Manifest manifest)
    : lab_(lab), stage_(stage), manifest_(std::move(manifest)) {
    stage_.verify(manifest_);
}

unsigned Judge::usual_jobs() const {
    // A check with a network card waits as long as it computes: QEMU's receives nothing in the
    // first second after it was set up (hw/net/e1000.c, flush_queue_timer).
    const unsigned at_once = manifest_.machine.network ? 2 : 1;
    return at_once * std::max(1U, std::thread::hardware_concurrency());
}

std::size_t Judge::workers_for(const GradeRequest &request, std::size_t checks) const {
    return std::min<std::size_t>(request.jobs != 0 ? request.jobs : usual_jobs(), checks);
}

std::shared_ptr<const vm::Snapshot> Judge::snapshot(const MachineWish &wish) {
    auto &snapshot = snapshots_[wish];
    if (!snapshot)
        snapshot = lab_.snapshot(wish);
    return snapshot;
}

std::vector<kernel::BuiltModule> Judge::consumers_for(const kernel::Kernel &kernel,
                                                      Consumers &consumers,
                                                      const std::filesystem::path &folder,
                                                      const std::string &symvers) const {
    // Whoever comes second waits, and finds them built.
    const std::lock_guard lock(consumers.mutex);
    if (const auto known = consumers.built.find(symvers); known != consumers.built.end())
        return known->second;
    // Nearly all submissions export the same; a hostile one may export anything.
    constexpr std::size_t most_kept = 16;
    if (consumers.built.size() >= most_kept)
        consumers.built.clear();
    return consumers.built
        .emplace(symvers, build_consumers(kernel, lab_.paths().course, manifest_, folder, symvers))
        .first->second;
}

std::shared_ptr<vm::ClonePool> Judge::pool(const MachineWish &wish,
                                           const std::shared_ptr<const vm::Snapshot> &snapshot,
                                           const GradeRequest &request, unsigned ahead,
                                           unsigned checks) {
    // As many as can start while a small module is built, which leaves a processor idle.
    constexpr unsigned during_a_build = 6;
    if (!request.stay_ready)
        return std::make_shared<vm::ClonePool>(snapshot, ahead + during_a_build, checks);
    const std::lock_guard lock(mutex_);
    auto &pool = pools_[wish];
    if (!pool || !pool->works())
        pool = std::make_shared<vm::ClonePool>(snapshot, ahead);
    return pool;
}

/** Builds the submission, and then its consumers, for the kernel of each; all at once. */
void Judge::build_all(const kernel::Submission &submission, const std::filesystem::path &folder,
                      Builds &builds) const {
    std::vector<std::future<void>> running;
    for (auto &each : builds) {
        const auto target = folder / kernel::to_string(each.first);
        std::filesystem::create_directory(target);
        running.push_back(std::async(std::launch::async, [&, target] {
            Build &build = each.second;
            build.submission =
                kernel::build_modules(*build.kernel, submission, target, manifest_.modules,
                                      {.programs = manifest_.programs});
            build.modules = build.submission.modules;
            if (!build.submission.ok || manifest_.consumers.empty())
                return;
            for (kernel::BuiltModule &module :
                 consumers_for(*build.kernel, *build.consumers, target, build.submission.symvers))
                build.modules.push_back(std::move(module));
        }));
    }
    for (std::future<void> &each : running)
        each.wait();
    for (std::future<void> &each : running)
        each.get();
}

/** The build that the student has to hear of: one that failed, if one did. */
const kernel::KbuildResult &Judge::worst_of(const Builds &builds) {
    const auto failed = std::find_if(builds.begin(), builds.end(),
                                     [](const auto &build) { return !build.second.submission.ok; });
    return (failed == builds.end() ? builds.begin() : failed)->second.submission;
}

CheckResult Judge::run_check(const CheckInfo &info, Rig &rig, const kernel::Submission &submission,
                             std::uint64_t seed, const CheckWatch &watch) const {
    const std::string replay = replay_command(submission.folder, manifest_.id, info.id, seed);
    return carry_out(info, replay, [&](CheckResult &result) {
        Random random(seed, info.id);
        guest::Guest guest = clone(*rig.pool, random.nonce());
        const auto symbols = symbols_of(rig.build->submission);
        run_in(guest,
               {.check = *stage_.find(info.id),
                .modules = rig.build->modules,
                .symbols = symbols,
                .programs = rig.build->submission.programs,
                .flavour = info.machine.flavour,
                .limit = info.timeout,
                .watch = watch},
               random, result);
    });
}

void Judge::run_checks(const GradeRequest &request, const std::vector<const CheckInfo *> &chosen,
                       const std::function<CheckResult(const CheckInfo &)> &run, Observer &observer,
                       Verdict &verdict) const {
    // Those that are asked for first, and then the longest first, so that none is left to run
    // alone at the end; how long a check may take tells how long it does.
    std::vector<std::size_t> order(chosen.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto is_later = [&](std::size_t at) {
        return std::find(request.first.begin(), request.first.end(), chosen[at]->id) ==
               request.first.end();
    };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return is_later(a) != is_later(b) ? is_later(b) : chosen[a]->timeout > chosen[b]->timeout;
    });
    std::mutex mutex;
    in_parallel(order.size(), workers_for(request, order.size()), [&](std::size_t turn) {
        const std::size_t at = order[turn];
        {
            const std::lock_guard lock(mutex);
            observer.check_started(*chosen[at]);
        }
        CheckResult result = run(*chosen[at]);
        const std::lock_guard lock(mutex);
        observer.check_finished(result);
        verdict.checks[at] = std::move(result);
    });
}

std::vector<const CheckInfo *> Judge::chosen_of(const std::vector<std::string> &checks) const {
    std::vector<const CheckInfo *> chosen;
    for (const CheckInfo &info : manifest_.checks)
        if (checks.empty())
            chosen.push_back(&info);
    for (const std::string &id : checks)
        chosen.push_back(&manifest_.check(id));
    return chosen;
}

void Judge::prepare(const std::vector<std::string> &checks) {
    const std::lock_guard lock(mutex_);
    for (const CheckInfo *info : chosen_of(checks)) {
        static_cast<void>(lab_.kernel(info->machine.flavour));
        if (manifest_.kind == Kind::modules)
            snapshot(info->machine);
    }
    static_cast<void>(lab_.accelerator());
}

Verdict Judge::grade(const GradeRequest &request, Observer &observer) {
    const auto start = Clock::now();
    const auto chosen = chosen_of(request.checks);
    const auto submission = kernel::Submission::from_folder(request.folder);
    Verdict verdict;
    verdict.stage = manifest_.id;
    verdict.title = manifest_.title;
    verdict.seed = request.seed;
    verdict.checks_sha256 = checks_sha256(lab_.paths().course, manifest_.id);
    verdict.submission = {submission.folder.string(), submission.sha256};
    for (const CheckInfo *info : chosen)
        verdict.checks.push_back(not_run(*info));
    const TemporaryFolder folder("grade");
    require_space_for_a_grading(folder.path());
    if (manifest_.kind == Kind::kernel)
        grade_kernel(request, chosen, submission, folder.path(), observer, verdict);
    else
        grade_modules(request, chosen, submission, folder.path(), observer, verdict);
    tally(verdict);
    verdict.duration = since(start);
    return verdict;
}

std::set<kernel::Flavour> Judge::flavours(const std::vector<std::string> &checks) const {
    std::set<kernel::Flavour> flavours;
    for (const CheckInfo *info : chosen_of(checks))
        flavours.insert(info->machine.flavour);
    return flavours;
}

PreviewPlan Judge::plan_preview(const GradeRequest &request) const {
    return judge::plan_preview(manifest_, chosen_of(request.checks));
}

Preview Judge::preview(const GradeRequest &request, Observer &observer) {
    const PreviewPlan plan = plan_preview(request);
    std::vector<const CheckInfo *> chosen;
    for (const CheckInfo &info : plan.checks)
        chosen.push_back(&info);
    const auto submission = kernel::Submission::from_folder(request.folder);
    const TemporaryFolder folder("preview");
    require_space_for_a_grading(folder.path());
    Verdict seen;
    for (const CheckInfo *info : chosen)
        seen.checks.push_back(not_run(*info));
    if (!chosen.empty())
        grade_modules(request, chosen, submission, folder.path(), observer, seen);
    return preview_of(seen, plan);
}

void Judge::grade_kernel(const GradeRequest &request, const std::vector<const CheckInfo *> &chosen,
                         const kernel::Submission &submission, const std::filesystem::path &folder,
                         Observer &observer, Verdict &verdict) {
    const std::lock_guard lock(one_kernel_);
    KernelGrading grading(lab_, recent_kernels_, stage_, manifest_, submission, request.seed);
    const kernel::Kernel &base = grading.base();
    verdict.kernel = {kernel::to_string(base.flavour), base.release, base.key};
    verdict.build = grading.build(folder);
    const vm::MachineSpec machine = grading.machine();
    verdict.qemu = {lab_.qemu_version(), vm::to_string(machine.accelerator),
                    vm::readable_command_line(machine)};
    tell_of_build(verdict.build, folder, observer);
    if (verdict.build.ok)
        run_checks(
            request, chosen,
            [&](const CheckInfo &info) { return grading.run_check(info, request.watch); }, observer,
            verdict);
}

void Judge::grade_modules(const GradeRequest &request, const std::vector<const CheckInfo *> &chosen,
                          const kernel::Submission &submission, const std::filesystem::path &folder,
                          Observer &observer, Verdict &verdict) {
    Rigs rigs;
    Builds builds;
    std::unique_lock lock(mutex_);
    for (const CheckInfo *info : chosen) {
        const kernel::Flavour flavour = info->machine.flavour;
        builds.try_emplace(
            flavour, Build{.kernel = &lab_.kernel(flavour), .consumers = &consumers_[flavour]});
        Rig &rig = rigs[info->machine];
        rig.build = &builds.at(flavour);
        ++rig.checks;
    }
    lock.unlock();

    // While the compiler runs, the guests' memory is read and QEMU processes start.
    auto building = std::async(std::launch::async, [&] { build_all(submission, folder, builds); });
    const std::size_t workers = workers_for(request, chosen.size());
    for (auto &[wish, rig] : rigs) {
        lock.lock();
        const auto frozen = snapshot(wish);
        lock.unlock();
        rig.pool = pool(wish, frozen, request, static_cast<unsigned>(workers), rig.checks);
    }
    const Rig &first = rigs.at(chosen.front()->machine);
    verdict.kernel = {kernel::to_string(first.build->kernel->flavour), first.build->kernel->release,
                      first.build->kernel->key};
    const vm::MachineSpec &machine = first.pool->snapshot().spec();
    verdict.qemu = {lab_.qemu_version(), vm::to_string(machine.accelerator),
                    vm::readable_command_line(machine)};
    building.get();
    verdict.build = summary_of(worst_of(builds));
    tell_of_build(verdict.build, folder, observer);
    if (verdict.build.ok)
        run_checks(
            request, chosen,
            [&](const CheckInfo &info) {
                return run_check(info, rigs.at(info.machine), submission, request.seed,
                                 request.watch);
            },
            observer, verdict);
}

}  // namespace klass::judge
