// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Students' kernels that this process has just built.
 *
 * A student who mends init, and a course check whose mutants are in init, leave the fragment as it
 * was: the same fragment is not built twice in a row. Nothing outlives the process, and nothing is
 * shared between different fragments.
 */
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "kernel/student_kernel.h"
#include "util/temporary_folder.h"

namespace klass::kernel {

/** Not for several threads at once. */
class RecentKernels {
  public:
    /** So many are kept: the one that is always asked for, and one other. */
    static constexpr std::size_t kept = 2;

    /** Builds a kernel in an empty folder. */
    using Builder = std::function<StudentKernel(const std::filesystem::path &folder)>;

    /**
     * The kernel of this key, built if it is none of the last ones.
     * @param key  digest of all that shapes the kernel
     * @return with its files, as long as somebody holds it
     * @throws what @p build throws; then nothing is kept
     */
    std::shared_ptr<const StudentKernel> obtain(const std::string &key, const Builder &build);

  private:
    struct Entry {
        std::string key;
        TemporaryFolder folder{"kernel"};
        StudentKernel kernel;
    };
    std::list<std::shared_ptr<Entry>> entries_;  // the one used last is the first
};

}  // namespace klass::kernel
