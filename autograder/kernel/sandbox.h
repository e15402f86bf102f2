// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief bubblewrap around a build: no network, no host files, fixed paths, limits.
 *
 * Inside, the kernel's source is always /klass/linux, its O= tree /klass/build
 * and the submission /klass/submission, whatever the cache's place: so a build
 * tree can be moved, and ccache hits for every user.
 */
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "util/subprocess.h"

namespace klass::kernel {

/** One file or folder of the host that the sandbox shows; it must exist. */
struct Mount {
    std::filesystem::path host;
    std::string inside;  ///< absolute; its parents are made
    bool writable = false;
};

/** Limits of one sandboxed run; 0 where a number may be: no limit of ours. */
struct SandboxLimits {
    /** By the clock of what runs (TreeClock); then every process is killed. */
    std::chrono::milliseconds time{std::chrono::seconds{60}};
    /** By the host's clock: then the host is too busy for it, which is nobody's mistake. */
    std::chrono::milliseconds longest_wait{std::chrono::minutes{6}};
    std::uint64_t memory_bytes_per_process = std::uint64_t{2} << 30;  ///< address space
    std::uint64_t file_bytes = std::uint64_t{64} << 20;               ///< of one file
    /**
     * At one time, threads counted. Not enforced where the real user is still root: in a container
     * whose root may not make mounts; there the container's pids limit must serve.
     */
    unsigned processes = 64;
    std::uint64_t scratch_bytes = std::uint64_t{256} << 20;  ///< of /tmp and of each scratch folder
    std::size_t output_bytes = std::size_t{1} << 20;         ///< then every process is killed
};

/** Who runs inside. */
enum class RunAs {
    /**
     * Somebody without any right: what a submission's own makefiles do runs so. When Klass is root,
     * a user id that no account has and no other run shares, so that neither can the limit on
     * processes be evaded nor one run's processes count against another's.
     */
    nobody,
    /** The caller, so that what is made stays the caller's: for our own builds. */
    caller
};

/** A program, and all that it sees. */
struct SandboxedCommand {
    std::vector<std::string> argv;
    std::vector<Mount> mounts;
    /** Empty writable folders in memory, which are gone afterwards; /tmp is one in any case. */
    std::vector<std::string> scratch;
    std::map<std::string, std::string> environment;  ///< all of it, but for a plain PATH
    std::string folder = "/";                        ///< where it starts
    SandboxLimits limits;
    RunAs run_as = RunAs::nobody;
    std::function<void(std::string_view)> on_line;  ///< as in klass::Command
};

/**
 * Runs a program in a sandbox: new namespaces for mounts, processes, network, IPC and host name;
 * the host's /usr read-only, nothing else of the host but the mounts; an otherwise read-only root.
 * Where a /proc of its own is refused (a container with masked paths), there is none.
 *
 * Outcome::output_truncated says that the run was ended because it printed too much;
 * Outcome::timed_out that its time was up.
 * @throws GraderFault when bubblewrap is missing, namespaces are not allowed or a mount is not
 * there, or when the host was too busy, with the way out; Interrupted as run() does.
 */
Outcome run_in_sandbox(const SandboxedCommand &sandboxed);

}  // namespace klass::kernel
