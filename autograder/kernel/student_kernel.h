// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Builds a whole kernel out of a student's configuration fragment.
 *
 * It begins from the objects of a course kernel, so that only what the fragment changes is built.
 * They are copied into the sandbox's memory, with their times: a copy-on-write mount over the cache
 * would save that copy, 0.3 s, but the files would keep an owner whom the sandbox's user must not
 * be. What comes out never goes into a cache.
 */
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "kernel/diagnostics.h"
#include "kernel/kbuild.h"
#include "kernel/kconfig.h"
#include "kernel/kernel_store.h"
#include "util/progress.h"

namespace klass::kernel {

/** Limits of a student's kernel. */
struct StudentKernelLimits {
    /**
     * Objects that may be made. A new name makes 22 of them, a driver or two some ten; the whole
     * kernel has 1,500. Unlike a limit on time it is the same on every machine.
     */
    unsigned objects = 300;
    SandboxLimits sandbox{.time = std::chrono::minutes{10},
                          .longest_wait = std::chrono::minutes{40},
                          .memory_bytes_per_process = std::uint64_t{4} << 30,
                          .file_bytes = std::uint64_t{512} << 20,
                          .processes = 256,
                          .scratch_bytes = std::uint64_t{1536} << 20,
                          .output_bytes = std::size_t{4} << 20};
};

/** What a student's kernel came to. One that does not build is data, not an exception. */
struct StudentKernel {
    bool ok = false;                     ///< there is an image to boot
    std::string error;                   ///< one sentence for the student when not ok
    std::string fragment;                ///< as it was handed in
    std::string config;                  ///< the whole .config; empty when there is none
    std::vector<DroppedOption> dropped;  ///< lines of the fragment that do not stand, with reasons
    std::vector<StrangeLine> strange;    ///< lines that Kconfig would have passed over
    std::filesystem::path image;         ///< the bzImage, on the host; of any content
    std::vector<BuiltModule> modules;    ///< of those that were wanted, those that were built
    std::vector<Diagnostic> diagnostics;
    std::string output;  ///< the last 16 KiB of make's
    unsigned objects = 0;
    std::chrono::milliseconds configuring{0};
    std::chrono::milliseconds building{0};
};

/** What to build. */
struct StudentKernelRequest {
    std::string fragment;              ///< hostile: a value of it is read by make, too
    std::string suffix;                ///< make's LOCALVERSION, appended to the kernel's name
    std::vector<std::string> modules;  ///< names as in /proc/modules
};

/**
 * Configures `make allnoconfig` with the base's fragments and then the student's, so that a later
 * line wins, and builds image and modules in run_in_sandbox() as nobody.
 *
 * The .config is made in a sandbox of its own, in which nothing of the student's runs: it can be
 * believed. The image cannot.
 * @param base      the course kernel whose fragments and objects it begins from
 * @param tool      kmod/kconfig of the course
 * @param folder    an empty folder of the host that must outlive the result
 * @param progress  told of each object
 * @throws GraderFault when the sandbox cannot be set up or the disk is full
 */
StudentKernel build_student_kernel(const Kernel &base, const StudentKernelRequest &request,
                                   const std::filesystem::path &tool,
                                   const std::filesystem::path &folder, Progress &progress,
                                   const StudentKernelLimits &limits = {});

/**
 * The release that a bzImage says of itself (Documentation/arch/x86/boot.rst, kernel_version):
 * "6.12.117-klass"; empty when @p image is none.
 */
std::string release_of_image(const Bytes &image);

}  // namespace klass::kernel
