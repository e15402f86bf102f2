// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The file system that a course kernel starts from: the agent, and BusyBox.
 */
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace klass::guest {

/** One file of the initramfs. */
struct InitramfsFile {
    std::string path;  ///< inside, without a leading slash
    std::string contents;
    unsigned mode = 0100755;  ///< type and permissions, as st_mode
};

/**
 * A cpio archive in the "newc" format that Linux unpacks as its first root (kernel:
 * Documentation/driver-api/early-userspace/buffer-format.rst). The same input gives the same
 * bytes: it is part of a snapshot's key.
 */
std::string make_initramfs(const std::vector<InitramfsFile> &files);

/**
 * The course's initramfs: /init is the agent; /bin has BusyBox with its usual names, and the
 * programs that checks run: those in the folder guest/ beside the agent.
 */
std::string course_initramfs(const std::filesystem::path &agent);

/**
 * The initramfs of a student's kernel: BusyBox under all of its names, the usual folders, and over
 * them the student's files.
 * @param files  the student's, in any order; folders that they need are made
 * @throws GraderFault when BusyBox is missing
 */
std::string student_initramfs(const std::vector<InitramfsFile> &files);

}  // namespace klass::guest
