// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Whether KVM really works here, found out by booting under it.
 */
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "vm/machine_spec.h"

namespace klass::vm {

/** What was found out, and why. */
struct AcceleratorChoice {
    Accelerator accelerator = Accelerator::tcg;
    std::string reason;  ///< a sentence for `klass doctor`
};

/** What the user asked for with --accel. */
enum class AcceleratorWish { automatic, kvm, tcg };

/** The model of this machine's processor, which a guest under KVM sees, too (/proc/cpuinfo). */
std::string host_processor();

/**
 * Chooses the accelerator. /dev/kvm may open, create a machine and run real-mode code, and still
 * never boot an unmodified kernel (a host that is itself a paravirtual guest: QEMU aborts on an
 * MSR, or hangs). So KVM counts only after a real boot under it; the answer is cached, keyed by
 * the host's kernel, its processor and QEMU's version.
 *
 * @param cache    the cache's folder
 * @param boots    boots a course kernel under KVM within the bound; called at most once
 * @param device   for tests
 * @throws GraderFault when KVM was asked for by name and does not work
 */
AcceleratorChoice choose_accelerator(AcceleratorWish wish, const std::filesystem::path &cache,
                                     const std::string &qemu_version,
                                     const std::function<bool()> &boots,
                                     const std::filesystem::path &device = "/dev/kvm");

}  // namespace klass::vm
