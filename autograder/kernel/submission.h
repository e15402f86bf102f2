// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A submission's files, copied out of the student's folder within limits.
 */
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace klass::kernel {

/** Limits on what is taken over; beyond them a UsageError names the file. */
struct SubmissionLimits {
    std::size_t files = 200;  ///< and folders
    std::uint64_t bytes_per_file = 1 << 20;
    std::uint64_t bytes = 8 << 20;
};

/** The files that are graded: regular files of the folder, no symbolic links, no build products. */
struct Submission {
    std::filesystem::path folder;              ///< the student's
    std::vector<std::filesystem::path> files;  ///< relative to it, sorted
    std::string sha256;                        ///< over names and contents

    /**
     * Reads a folder. Build products (*.o, *.ko, .*.cmd, ...), hidden files and mutants/ are left
     * out, and at the top of the folder what begins like an ELF file: a compiler made it.
     * @throws UsageError when the folder is missing, holds no source, a symbolic link, a device,
     *         or more than the limits allow.
     */
    static Submission from_folder(const std::filesystem::path &folder,
                                  const SubmissionLimits &limits = {});

    /**
     * Copies the files, and nothing else, into an empty folder.
     * @throws UsageError when they are no longer those that sha256 is of; GraderFault when they
     *         cannot be written
     */
    void copy_to(const std::filesystem::path &target) const;
};

}  // namespace klass::kernel
