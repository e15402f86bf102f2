// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The course kernels: built once from Debian's source, kept in a cache under a key.
 *
 * kernel/ knows the kernel's source, its build and what it prints. It knows
 * no virtual machine, no guest and no stage.
 */
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "util/paths.h"
#include "util/progress.h"

namespace klass::kernel {

/**
 * debug notices every fault, and judges behaviour; fast is lean, and judges performance. These are
 * the course kernels. stock is Debian's own (kernel/prebuilt.h): it notices little, and judges
 * nothing.
 */
enum class Flavour { debug, fast, stock };

const char *to_string(Flavour flavour);
/** One of the course kernels. @throws UsageError when there is no such flavour. */
Flavour flavour_from(std::string_view name);

/** A built kernel in the cache. */
struct Kernel {
    Flavour flavour = Flavour::debug;
    std::string key;                ///< 64 hexadecimal digits over all that shaped it
    std::string release;            ///< `uname -r` in the guest, e.g. "6.12.117-klass-debug"
    std::filesystem::path source;   ///< the unpacked source, read-only
    std::filesystem::path build;    ///< the O= tree, with Module.symvers and the host tools
    std::filesystem::path image;    ///< what QEMU boots: bzImage (debug) or a vmlinux (fast)
    std::filesystem::path vmlinux;  ///< with symbols
    /** What every module's build has in common, made once: see kernel/prepared.h. */
    std::filesystem::path prepared;
};

/**
 * Finds and makes kernels. Layout of the cache:
 *
 *     source/VERSION/            the unpacked linux-source package
 *     kernel/FLAVOUR-KEY16/      build/, prepared/ and kernel.json, which is written last: a folder
 *                                without it is a half-made build, to be gone on with; of stock
 *                                also source/ and the image
 *     ccache/
 *
 * Several processes may ask at once: one builds under a file lock, the others wait and say so.
 */
class KernelStore {
  public:
    KernelStore(Paths paths, Progress &progress);

    /** The cached course kernel of a flavour, if it is whole and its key is today's. */
    [[nodiscard]] std::optional<Kernel> find(Flavour flavour) const;

    /**
     * The kernel, built or fetched if need be (kmod/README.md has measured times).
     * @throws GraderFault when the source package is missing, a requested option did not stick
     *         (named, with what Kconfig made of it), the disk is full, or the build fails (with
     *         its last lines); Interrupted on Ctrl-C. What was built so far is kept and gone on
     *         with by the next call.
     */
    Kernel obtain(Flavour flavour);

    /**
     * SHA-256 over source version, fragments, compiler and linker version and the build's recipe.
     * @throws GraderFault when the source package or a tool is missing.
     */
    [[nodiscard]] std::string key(Flavour flavour) const;

  private:
    [[nodiscard]] std::filesystem::path folder(Flavour flavour, const std::string &key) const;
    [[nodiscard]] std::string fragments(Flavour flavour) const;
    /** The makefile of what the flavour's detectors leave out; empty where it has none. */
    [[nodiscard]] std::filesystem::path unwatched(Flavour flavour) const;
    /** Objects of an earlier build of the flavour, whatever its key, or as many as is usual. */
    [[nodiscard]] std::uint64_t expected_objects(Flavour flavour) const;
    [[nodiscard]] std::optional<Kernel> find(Flavour flavour, const std::string &key) const;

    Paths paths_;
    Progress &progress_;
};

}  // namespace klass::kernel
