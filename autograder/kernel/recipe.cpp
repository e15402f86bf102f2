// SPDX-License-Identifier: Apache-2.0
#include "kernel/recipe.h"

#include <algorithm>
#include <array>

#include "util/error.h"
#include "util/subprocess.h"

namespace klass::kernel {

std::map<std::string, std::string> kernel_environment() {
    return {{"CCACHE_DIR", inside::ccache},
            // The compiler's modification time differs in every image.
            {"CCACHE_COMPILERCHECK", "content"},
            {"CCACHE_MAXSIZE", "2G"},
            {"HOME", "/tmp"},
            {"KBUILD_BUILD_HOST", "klass"},
            {"KBUILD_BUILD_TIMESTAMP", "Thu Jan  1 00:00:00 UTC 1970"},
            {"KBUILD_BUILD_USER", "klass"},
            {"LC_ALL", "C"}};
}

SandboxedCommand kernel_make(const BuildFolders &folders, const std::vector<std::string> &options,
                             const std::vector<std::string> &targets) {
    SandboxedCommand command;
    command.argv = {"make", "-C", inside::linux_source, std::string("O=") + inside::build};
    command.argv.insert(command.argv.end(), options.begin(), options.end());
    command.argv.insert(command.argv.end(), targets.begin(), targets.end());
    command.mounts = {{folders.source, inside::linux_source},
                      {folders.build, inside::build, true},
                      {folders.ccache, inside::ccache, true}};
    command.environment = kernel_environment();
    if (!folders.unwatched.empty()) {
        command.mounts.push_back({folders.unwatched, inside::unwatched});
        command.environment["MAKEFILES"] = inside::unwatched;
    }
    command.folder = inside::build;
    command.run_as = RunAs::caller;
    command.limits = {.time = std::chrono::hours{6},
                      .longest_wait = std::chrono::hours{24},
                      .memory_bytes_per_process = 0,
                      .file_bytes = 0,
                      .processes = 0,
                      .scratch_bytes = 0,
                      .output_bytes = std::size_t{64} << 20};
    return command;
}

SandboxedCommand configure_kernel(const BuildFolders &folders) {
    return kernel_make(folders, {"-s", "KCONFIG_ALLCONFIG=/klass/build/klass.config"},
                       {"allnoconfig"});
}

SandboxedCommand build_kernel(const BuildFolders &folders, unsigned jobs) {
    return kernel_make(folders, {"CC=ccache gcc", "HOSTCC=ccache gcc", "-j" + std::to_string(jobs)},
                       {"bzImage", "modules"});
}

bool names_an_object(std::string_view line) {
    static constexpr std::array<std::string_view, 4> verbs = {"  CC ", "  AS ", "  LD ", "  AR "};
    return std::any_of(verbs.begin(), verbs.end(),
                       [&](std::string_view verb) { return line.starts_with(verb); });
}

std::string tool_version(const std::string &program) {
    const Outcome outcome = run({.argv = {program, "--version"}});
    if (!outcome.ok())
        throw GraderFault(program + " --version fails", "apt-get install gcc binutils");
    return outcome.output.substr(0, outcome.output.find('\n'));
}

std::string recipe_text() {
    std::string text;
    for (const SandboxedCommand &command : {configure_kernel({}), build_kernel({}, 1)}) {
        for (const std::string &argument : command.argv)
            text.append(argument).append("\n");
        for (const auto &[name, value] : command.environment)
            text.append(name).append("=").append(value).append("\n");
        for (const Mount &mount : command.mounts)
            text.append(mount.inside).append("\n");
    }
    return text;
}

}  // namespace klass::kernel
