// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief How a course kernel is built: the commands, their environment and the paths inside.
 *
 * All of it is in the cache's key. A change here rebuilds every kernel, and a change of a path or
 * of the environment finds nothing in anybody's ccache.
 */
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/sandbox.h"

namespace klass::kernel {

/** Paths inside the sandbox. */
namespace inside {
inline constexpr const char *linux_source = "/klass/linux";
inline constexpr const char *build = "/klass/build";
/** The build folder of a course kernel from which a student's kernel starts; read-only. */
inline constexpr const char *base = "/klass/base";
/** Where the files lie that a build leaves. */
inline constexpr const char *out = "/klass/out";
inline constexpr const char *probes = "/klass/probes";
inline constexpr const char *ccache = "/klass/ccache";
inline constexpr const char *unwatched = "/klass/unwatched.mk";
}  // namespace inside

/** What of the host's a kernel is built from and into. */
struct BuildFolders {
    std::filesystem::path source;
    std::filesystem::path build;
    std::filesystem::path ccache;
    std::filesystem::path unwatched;  ///< kmod/kbuild/unwatched.mk; none when empty
};

/** What `make` finds in its environment; the same for every kernel, so that ccache hits. */
std::map<std::string, std::string> kernel_environment();

/** `make OPTIONS TARGETS` for the kernel itself, in its sandbox; ready to be run. */
SandboxedCommand kernel_make(const BuildFolders &folders, const std::vector<std::string> &options,
                             const std::vector<std::string> &targets);

/** Sets the configuration from klass.config in the build's folder, and all else off. */
SandboxedCommand configure_kernel(const BuildFolders &folders);

/** Builds images and modules with @p jobs processes. Prints a line for each object. */
SandboxedCommand build_kernel(const BuildFolders &folders, unsigned jobs);

/** True for a line of build_kernel() that says that an object is being made: `  CC      x.o`. */
bool names_an_object(std::string_view line);

/**
 * The first line of `PROGRAM --version`.
 * @throws GraderFault when there is no such program
 */
std::string tool_version(const std::string &program);

/** All that the commands above say, as one text for the key. */
std::string recipe_text();

}  // namespace klass::kernel
