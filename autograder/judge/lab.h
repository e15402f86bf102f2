// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Where guests come from: a course kernel, its snapshot, and clones of it.
 */
#pragma once

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "guest/guest.h"
#include "judge/machine_wish.h"
#include "kernel/kernel_store.h"
#include "util/paths.h"
#include "util/progress.h"
#include "vm/accelerator.h"
#include "vm/clone_pool.h"

namespace klass::judge {

/** Kernels and snapshots on this machine. */
class Lab {
  public:
    Lab(Paths paths, Progress &progress, vm::AcceleratorWish wish);

    /** A kernel of the flavour, built if need be. */
    const kernel::Kernel &kernel(kernel::Flavour flavour);
    /** A snapshot that fits, made if need be. */
    std::shared_ptr<const vm::Snapshot> snapshot(const MachineWish &wish);
    /** How the virtual machines run here, and why. */
    const vm::AcceleratorChoice &accelerator();
    /** The machine that a snapshot is made of. */
    vm::MachineSpec spec(const MachineWish &wish);

    /**
     * The machine that boots a student's kernel: an 82540EM network card with a cable to the host,
     * and the console. Nothing in it relies on the kernel.
     */
    vm::MachineSpec student_machine(const std::filesystem::path &image,
                                    const std::filesystem::path &initramfs);

    /** @throws GraderFault when QEMU cannot say it */
    [[nodiscard]] const std::string &qemu_version() const { return qemu_version_.get(); }
    [[nodiscard]] const Paths &paths() const { return paths_; }
    Progress &progress() { return progress_; }

  private:
    std::filesystem::path initramfs();
    bool boots_under_kvm();
    vm::MachineSpec spec_with(const MachineWish &wish, vm::Accelerator accelerator);

    Paths paths_;
    Progress &progress_;
    vm::AcceleratorWish wish_;
    std::filesystem::path qemu_;
    /** Asked for at once: QEMU needs as long to say it as a kernel's key takes to make. */
    std::shared_future<std::string> qemu_version_;
    kernel::KernelStore kernels_;
    std::map<kernel::Flavour, kernel::Kernel> obtained_;
    std::optional<vm::AcceleratorChoice> accelerator_;
};

/** A running guest from a pool. @throws GraderFault when it does not answer */
guest::Guest clone(vm::ClonePool &pool, std::uint64_t seed);

}  // namespace klass::judge
