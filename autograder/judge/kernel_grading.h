// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A submission that is a whole kernel: builds it, and boots it for each check.
 *
 * A student's kernel is code like any other. It is never frozen into the cache, and never trusted.
 */
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "guest/initramfs.h"
#include "judge/check_run.h"
#include "judge/lab.h"
#include "judge/manifest.h"
#include "judge/stage.h"
#include "judge/verdict.h"
#include "kernel/recent_kernels.h"
#include "kernel/submission.h"

namespace klass::judge {

/** Grades one submission of a stage whose kind is `kernel`. */
class KernelGrading {
  public:
    /**
     * All but the seed must outlive the grading.
     * @param recent  where a kernel is looked for before it is built
     */
    KernelGrading(Lab &lab, kernel::RecentKernels &recent, const Stage &stage,
                  const Manifest &manifest, const kernel::Submission &submission,
                  std::uint64_t seed);

    /** The course kernel from whose configuration and objects the student's begins. */
    [[nodiscard]] const kernel::Kernel &base() const { return base_; }

    /**
     * Builds kernel.config into a kernel, and reads rootfs/, all of whose files become programs
     * (mode 0755) of the initramfs. Lines that Kconfig dropped are warnings.
     * @param folder  an empty folder, for the submission's files
     */
    BuildSummary build(const std::filesystem::path &folder);

    /** The machine of the checks, for the report; after build(). */
    [[nodiscard]] vm::MachineSpec machine() const;

    /** A machine that boots what was built, with more files in its initramfs. After build(). */
    [[nodiscard]] vm::Machine start(const std::vector<guest::InitramfsFile> &more = {}) const;

    /** What was built. After build(). */
    [[nodiscard]] const kernel::StudentKernel &built() const { return *built_; }
    /** What the host appends to the kernel's name, so that nobody knows it beforehand. */
    [[nodiscard]] const std::string &suffix() const { return suffix_; }

    /** Carries out one check, in a boot of its own; any thread. After a build() that went well. */
    [[nodiscard]] CheckResult run_check(const CheckInfo &info, const CheckWatch &watch) const;

  private:
    std::shared_ptr<const kernel::StudentKernel> obtain(
        const kernel::StudentKernelRequest &request);
    void read_rootfs(const std::filesystem::path &source);

    Lab &lab_;
    kernel::RecentKernels &recent_;
    const Stage &stage_;
    const Manifest &manifest_;
    const kernel::Submission &submission_;
    std::uint64_t seed_;
    const kernel::Kernel &base_;
    std::string suffix_;
    vm::MachineSpec machine_;
    std::shared_ptr<const kernel::StudentKernel> built_;
    std::vector<guest::InitramfsFile> files_;
};

}  // namespace klass::judge
