// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Builds a submission's modules with the kernel's own Kbuild, in the sandbox.
 */
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "kernel/diagnostics.h"
#include "kernel/kernel_store.h"
#include "kernel/sandbox.h"
#include "kernel/submission.h"
#include "util/bytes.h"

namespace klass::kernel {

/** Where a submission lies inside the build's sandbox: the root of DWARF's paths. */
inline constexpr const char *submission_root = "/klass/submission";

/** Bytes of the most that a module may take without debugging information; a guest takes no more.
 */
inline constexpr std::size_t largest_module_image = std::size_t{4} << 20;

/** A module that a build made: an ELF file by its first bytes, and else whatever a hostile build
 * likes. */
struct BuiltModule {
    std::string name;            ///< as in /proc/modules
    std::filesystem::path path;  ///< on the host: FOLDER/NAME.ko, a regular file, for symbols
    Bytes image;                 ///< the same without debugging information, to be loaded
    std::string error = {};      ///< why a module of the course's own could not be built
};

/** A program for the guest that a build made: an ELF file by its first bytes, no more is known. */
struct BuiltProgram {
    std::string name;
    Bytes image;
};

/** What a build came to. A submission that does not build is data, not an exception. */
struct KbuildResult {
    bool ok = false;
    std::string error;  ///< one sentence for the student when not ok: "chardev.ko was not built:
                        ///< the Kbuild builds hello.ko", "the build took longer than 60 s", ...
    std::vector<BuiltModule> modules;    ///< all that were wanted when ok, in that order
    std::vector<BuiltProgram> programs;  ///< likewise
    std::string symvers;                 ///< what they export: Module.symvers, as the build left it
    std::string commands;                ///< how each object was made: see compile_commands.h
    std::filesystem::path sources;       ///< what was built: the copy of the submission's files
    std::vector<Diagnostic> diagnostics;
    std::string output;  ///< the last 16 KiB of make's
    std::chrono::milliseconds duration{0};
};

/** How to build; the default is how a grading does. */
struct BuildRequest {
    SandboxLimits limits = {};
    /** Programs to be built besides, each with `make NAME` by the submission's own Makefile. */
    std::vector<std::string> programs = {};
    /** Further variables of make, from its environment: {"KCFLAGS", "-fanalyzer"}. */
    std::map<std::string, std::string> variables = {};
};

/**
 * Builds @p submission with `make -C BUILD M=SUBMISSION modules`.
 *
 * Its makefiles are programs: they run in run_in_sandbox() as nobody, see the kernel and the
 * submission, and can change nothing that outlives the build but the contents of the modules'
 * files. The submission lies in memory there, within SandboxLimits::scratch_bytes.
 * @param folder  an empty folder of the host that must outlive the result: FOLDER/source and
 *                FOLDER/NAME.ko are made in it
 * @param wanted  module names as in /proc/modules, without .ko; each must be built
 * @throws GraderFault when the sandbox cannot be set up or the disk is full; UsageError when the
 *         submission changes while it is read
 */
KbuildResult build_modules(const Kernel &kernel, const Submission &submission,
                           const std::filesystem::path &folder,
                           const std::vector<std::string> &wanted,
                           const BuildRequest &request = {});

/**
 * Builds modules of the course's own that call what a submission exports, as build_modules() does.
 * A symbol that @p symvers does not name is left for the loader to find, or not
 * (kernel: Documentation/kbuild/modules.rst, KBUILD_EXTRA_SYMBOLS, KBUILD_MODPOST_WARN).
 * @param symvers  KbuildResult::symvers of the submission
 */
KbuildResult build_consumers(const Kernel &kernel, const Submission &sources,
                             const std::filesystem::path &folder,
                             const std::vector<std::string> &wanted, const std::string &symvers);

}  // namespace klass::kernel
