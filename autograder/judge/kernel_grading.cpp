// SPDX-License-Identifier: Apache-2.0
#include "judge/kernel_grading.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "judge/boot_trial.h"
#include "judge/conclusion.h"
#include "judge/evidence.h"
#include "kernel/log.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::judge {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char *fragment_name = "kernel.config";
constexpr const char *rootfs_name = "rootfs";
constexpr const char *init_name = "rootfs/init";

constexpr std::size_t most_log_lines = 40;

bool has(const kernel::Submission &submission, const char *name) {
    return std::any_of(submission.files.begin(), submission.files.end(),
                       [&](const fs::path &file) { return file == name; });
}

/** How the console ended: what a student looks at first when a kernel does not come up. */
std::vector<std::string> last_lines(const std::string &console) {
    std::vector<std::string> lines = kernel::console_lines(console);
    if (lines.size() > most_log_lines)
        lines.erase(lines.begin(), lines.end() - most_log_lines);
    return lines;
}

ScopedFd memory_of(unsigned mib) {
    ScopedFd memory(memfd_create("klass-student-kernel", MFD_CLOEXEC));
    if (!memory.valid() || ftruncate(memory.get(), static_cast<off_t>(mib) << 20) < 0)
        throw GraderFault(fmt::format("no memory for a machine of {} MiB", mib));
    return memory;
}

}  // namespace

KernelGrading::KernelGrading(Lab &lab, kernel::RecentKernels &recent, const Stage &stage,
                             const Manifest &manifest, const kernel::Submission &submission,
                             std::uint64_t seed)
    : lab_(lab),
      recent_(recent),
      stage_(stage),
      manifest_(manifest),
      submission_(submission),
      seed_(seed),
      base_(lab.kernel(manifest.machine.flavour)),
      suffix_("-" + Random(seed, "LOCALVERSION").word(8)) {}

BuildSummary KernelGrading::build(const fs::path &folder) {
    machine_ = lab_.student_machine(folder / "bzImage", folder / "initramfs");
    for (const char *name : {fragment_name, init_name})
        if (!has(submission_, name))
            return {.error = fmt::format("the submission has no {}", name)};
    const auto start = Clock::now();
    const fs::path source = folder / "source";
    fs::create_directory(source);
    submission_.copy_to(source);
    read_rootfs(source);
    built_ = obtain({.fragment = read_file(source / fragment_name),
                     .suffix = suffix_,
                     .modules = manifest_.modules});
    machine_.kernel = built_->image;
    for (const kernel::BuiltModule &module : built_->modules)
        files_.push_back({fmt::format("lib/modules/{}.ko", module.name),
                          std::string(module.image.begin(), module.image.end()), S_IFREG | 0644});
    return {
        .ok = built_->ok,
        .error = built_->error,
        .diagnostics = built_->diagnostics,
        .output = built_->output,
        .duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start)};
}

std::shared_ptr<const kernel::StudentKernel> KernelGrading::obtain(
    const kernel::StudentKernelRequest &request) {
    Digest key;
    key.add(base_.key).add(request.fragment).add(request.suffix);
    for (const std::string &module : request.modules)
        key.add(module);
    return recent_.obtain(key.hex(), [&](const fs::path &folder) {
        return kernel::build_student_kernel(
            base_, request, lab_.paths().course / "kmod" / "kconfig", folder, lab_.progress());
    });
}

void KernelGrading::read_rootfs(const fs::path &source) {
    for (const fs::path &file : submission_.files)
        if (*file.begin() == rootfs_name)
            files_.push_back({file.lexically_relative(rootfs_name).string(),
                              read_file(source / file), S_IFREG | 0755});
}

vm::MachineSpec KernelGrading::machine() const {
    return machine_;
}

vm::Machine KernelGrading::start(const std::vector<guest::InitramfsFile> &more) const {
    std::vector<guest::InitramfsFile> files = files_;
    files.insert(files.end(), more.begin(), more.end());
    const TemporaryFolder folder("boot");
    vm::MachineSpec spec = machine_;
    spec.initrd = folder.path() / "initramfs";
    write_file_atomically(spec.initrd, guest::student_initramfs(files));
    const ScopedFd memory = memory_of(spec.memory_mib);
    return {spec, memory.get(), vm::Start::boot};
}

CheckResult KernelGrading::run_check(const CheckInfo &info, const CheckWatch &watch) const {
    const std::string replay = replay_command(submission_.folder, manifest_.id, info.id, seed_);
    return carry_out(info, replay, [&](CheckResult &result) {
        BootTrial trial(
            *built_, suffix_,
            [&](const std::vector<guest::InitramfsFile> &more) {
                vm::Machine machine = start(more);
                machine.on_console = console_of(watch);
                return machine;
            },
            Random(seed_, info.id), info.timeout);
        trial.on_note = watch.done;
        const Body body = run_body([&] { (*stage_.find_boot(info.id))(trial); });
        Evidence evidence;
        if (auto &machine = trial.machine()) {
            machine->drain_console();
            evidence = console_evidence({.text = machine->console(),
                                         .ended = machine->ended(),
                                         .flooded = machine->console_flooded(),
                                         .starved = machine->starved()},
                                        {});
            if (body.failed && evidence.log.empty())
                evidence.log = last_lines(machine->console());
        }
        conclude(body, evidence, result);
        if (const auto &machine = trial.machine(); machine && result.status != Status::passed)
            result.console = machine->console();
        result.did = trial.did();
    });
}

}  // namespace klass::judge
