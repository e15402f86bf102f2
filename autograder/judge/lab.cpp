// SPDX-License-Identifier: Apache-2.0
#include "judge/lab.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest/initramfs.h"
#include "judge/camera_machine.h"
#include "judge/detectors.h"
#include "judge/network_machine.h"
#include "util/digest.h"
#include "util/error.h"

namespace klass::judge {

namespace {

using namespace std::chrono_literals;

// Raised by whoever changes how a guest is brought to the point where it is
// frozen, in a way that no other part of the key shows.
constexpr const char *recipe = "6";
constexpr unsigned ready_actors = 4;
// KASAN's shadow takes an eighth of the memory, the stack depot its share.
constexpr unsigned debug_memory_mib = 256;
constexpr unsigned fast_memory_mib = 128;
constexpr unsigned student_memory_mib = 256;

/** Of two slow processors without KVM, with the freezing; for the progress line only. */
std::chrono::seconds usual_boot(const MachineWish &wish) {
    return wish.flavour == kernel::Flavour::debug ? 30s : 10s;
}

std::string kernel_arguments(const MachineWish &wish) {
    // Everything but debug messages goes to the console, for that is what the
    // host believes; a non-maskable interrupt makes a stuck kernel say where it is.
    std::string arguments =
        "console=ttyS0 loglevel=7 panic=-1 unknown_nmi_panic nokaslr "
        // How many ticks come in so many cycles depends on how busy the host is.
        "no_timer_check "
        // A module's unload waits for several grace periods: let them be short.
        "random.trust_cpu=on rcupdate.rcu_expedited=1";
    // What a module leaves behind is told at once by SLUB's record of who allocated
    // what. kmemleak would tell it after two scans and six seconds, and doubles the
    // cost of every operation of every check: it is there, and off.
    if (wish.flavour == kernel::Flavour::debug)
        arguments += " slub_debug=U,kmalloc-* kmemleak=off";
    // Guards against what no guest of ours does to another cost a third of each system call.
    if (wish.flavour == kernel::Flavour::stock)
        arguments += " mitigations=off";
    // ACPI's table of interrupt lines is looked through at boot, and not first by each clone.
    if (wish.network)
        arguments += " pci=routeirq";
    return arguments;
}

std::string card_for(const MachineWish &wish) {
    if (wish.camera)
        return fmt::format("virtio-net-pci,mac={}", card_address);
    return wish.network ? network_card(card_address) : "";
}

std::string name_of(const MachineWish &wish) {
    std::string name = wish.flavour == kernel::Flavour::stock
                           ? "Debian's kernel"
                           : fmt::format("the {} kernel", kernel::to_string(wish.flavour));
    if (wish.icount_shift)
        name += ", counting instructions";
    if (wish.network)
        name += ", with a network card";
    if (wish.camera)
        name += ", with a camera";
    return name;
}

}  // namespace

Lab::Lab(Paths paths, Progress &progress, vm::AcceleratorWish wish)
    : paths_(std::move(paths)),
      progress_(progress),
      wish_(wish),
      qemu_(vm::find_qemu()),
      qemu_version_(std::async(std::launch::async, vm::qemu_version, qemu_)),
      kernels_(paths_, progress) {}

const kernel::Kernel &Lab::kernel(kernel::Flavour flavour) {
    auto kernel = obtained_.find(flavour);
    if (kernel == obtained_.end())
        kernel = obtained_.emplace(flavour, kernels_.obtain(flavour)).first;
    return kernel->second;
}

std::filesystem::path Lab::initramfs() {
    const std::string image = guest::course_initramfs(paths_.agent);
    const auto path = paths_.cache / "initramfs" / sha256(image).substr(0, 16);
    if (!std::filesystem::exists(path)) {
        std::filesystem::create_directories(path.parent_path());
        write_file_atomically(path, image);
    }
    return path;
}

vm::MachineSpec Lab::spec_with(const MachineWish &wish, vm::Accelerator accelerator) {
    const kernel::Kernel &kernel = this->kernel(wish.flavour);
    const bool lean = wish.flavour == kernel::Flavour::fast;
    return {.qemu = qemu_,
            .kernel = kernel.image,
            .initrd = initramfs(),
            .append = kernel_arguments(wish),
            .memory_mib = lean ? fast_memory_mib : debug_memory_mib,
            .cpus = wish.cpus,
            .accelerator = accelerator,
            .icount_shift = wish.icount_shift,
            .devices = wish.network ? network_devices() : std::vector<std::string>(),
            .network_card = card_for(wish),
            .cable = wish.camera ? vm::Cable::own_network : vm::Cable::frames};
}

vm::MachineSpec Lab::spec(const MachineWish &wish) {
    // Counting instructions is TCG's alone. Whether KVM works is tried with the debug kernel, for
    // which nobody who looks at another one meanwhile would wait.
    const bool tcg = wish.icount_shift || wish.flavour == kernel::Flavour::stock;
    return spec_with(wish, tcg ? vm::Accelerator::tcg : accelerator().accelerator);
}

vm::MachineSpec Lab::student_machine(const std::filesystem::path &image,
                                     const std::filesystem::path &initramfs) {
    return {.qemu = qemu_,
            .kernel = image,
            .initrd = initramfs,
            // Warnings go to the console, and no chatter between the shell's answers. With init=,
            // the kernel tries no other program when /init cannot be run.
            .append = "console=ttyS0 loglevel=5 panic=-1 no_timer_check init=/init",
            .memory_mib = student_memory_mib,
            .accelerator = accelerator().accelerator,
            .network_card = "e1000"};
}

// A kernel that boots under KVM does so in a second or two; one that hangs
// would do so for ever.
bool Lab::boots_under_kvm() {
    try {
        const vm::MachineSpec spec =
            spec_with({.flavour = kernel::Flavour::debug}, vm::Accelerator::kvm);
        const ScopedFd ram(memfd_create("klass-kvm-probe", MFD_CLOEXEC));
        if (ftruncate(ram.get(), static_cast<off_t>(spec.memory_mib) << 20) < 0)
            return false;
        guest::Guest guest(vm::Machine(spec, ram.get(), vm::Start::boot), {}, 1);
        guest.hello(20s);
        return true;
    } catch (const GraderFault &) {
        return false;
    }
}

const vm::AcceleratorChoice &Lab::accelerator() {
    if (!accelerator_)
        accelerator_ = vm::choose_accelerator(wish_, paths_.cache, qemu_version(),
                                              [this] { return boots_under_kvm(); });
    return *accelerator_;
}

std::shared_ptr<const vm::Snapshot> Lab::snapshot(const MachineWish &wish) {
    const vm::MachineSpec spec = this->spec(wish);
    Digest digest;
    digest.add(recipe).add(kernel(wish.flavour).key).add(qemu_version());
    digest.add(spec.initrd.filename().string());
    // Several machines may share the cache.
    if (spec.accelerator == vm::Accelerator::kvm)
        digest.add(vm::host_processor());
    auto readable = vm::readable_command_line(spec);
    for (const std::string &word : readable)
        digest.add(word == spec.kernel.string() || word == spec.initrd.string() ? "" : word);
    if (wish.camera)
        digest.add(camera_sha256(paths_.course));
    return vm::SnapshotStore(paths_.cache, progress_)
        .obtain(spec, name_of(wish), usual_boot(wish), digest.hex(), [&](vm::Machine &machine) {
            guest::Guest guest(std::move(machine), {}, 1);
            const std::string note =
                guest
                    .warm_up(ready_actors,
                             [&](guest::Process &process) {
                                 if (wish.flavour == kernel::Flavour::debug)
                                     prepare_detectors(process);
                                 if (wish.camera)
                                     plug_in_camera(process, kernel(wish.flavour), paths_.course);
                             })
                    .to_note();
            machine = guest.release();
            return note;
        });
}

guest::Guest clone(vm::ClonePool &pool, std::uint64_t seed) {
    guest::Guest guest(pool.take(), guest::Warm::from_note(pool.snapshot().note()), seed);
    guest.thaw(30s);
    return guest;
}

}  // namespace klass::judge
