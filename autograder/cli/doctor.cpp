// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "cli/verb.h"
#include "judge/lab.h"
#include "kernel/sandbox.h"
#include "util/subprocess.h"

namespace klass::cli {

namespace {

struct Finding {
    bool ok = false;
    std::string what;
    std::string way_out;
};

Finding program(const char *name, const char *package) {
    const std::string path = find_program(name);
    return {!path.empty(), path.empty() ? fmt::format("{} is missing", name) : path,
            fmt::format("apt-get install {}", package)};
}

Finding sandbox() {
    try {
        const Outcome outcome = kernel::run_in_sandbox({.argv = {"/usr/bin/true"}});
        return {outcome.ok(), "bubblewrap makes sandboxes", "apt-get install bubblewrap"};
    } catch (const Error &error) {
        return {false, error.what(), error.way_out()};
    }
}

Finding cache(const Paths &paths) {
    std::error_code error;
    std::filesystem::create_directories(paths.cache, error);
    const auto space = std::filesystem::space(paths.cache, error);
    constexpr std::uintmax_t wanted = std::uintmax_t{6} << 30;
    if (error || access(paths.cache.c_str(), W_OK) != 0)
        return {false, fmt::format("{} cannot be written", paths.cache.string()),
                "set KLASS_CACHE to a folder that can"};
    return {space.available > wanted,
            fmt::format("{} has {:.1f} GiB free", paths.cache.string(),
                        static_cast<double>(space.available) / (1 << 30)),
            "make room: the kernels and their source take about 6 GiB"};
}

ExitStatus doctor() {
    const Paths paths = Paths::from_environment();
    std::vector<Finding> findings{
        program("qemu-system-x86_64", "qemu-system-x86"),
        program("gcc", "gcc"),
        program("make", "make"),
        program("ccache", "ccache"),
        program("patch", "patch"),
        program("bwrap", "bubblewrap"),
        sandbox(),
        cache(paths),
        {std::filesystem::exists(paths.agent), fmt::format("agent {}", paths.agent.string()),
         "build it: ninja -C build/default klass-agent"}};
    const bool can_boot = findings[0].ok && findings.back().ok;
    if (can_boot) {
        const auto progress = progress_to(STDERR_FILENO);
        const kernel::KernelStore store(paths, *progress);
        for (const kernel::Flavour flavour : {kernel::Flavour::debug, kernel::Flavour::fast}) {
            const auto kernel = store.find(flavour);
            // Not a fault: it is made when it is needed.
            findings.push_back({true,
                                fmt::format("{} kernel: {}", kernel::to_string(flavour),
                                            kernel ? kernel->release + ", in the cache"
                                                   : "not built yet; the first grading does"),
                                {}});
        }
        if (store.find(kernel::Flavour::debug)) {
            judge::Lab lab(paths, *progress, vm::AcceleratorWish::automatic);
            findings.push_back({true, lab.qemu_version(), {}});
            findings.push_back({true, lab.accelerator().reason, {}});
        }
    }
    bool all = true;
    for (const Finding &finding : findings) {
        fmt::print("{}  {}\n", finding.ok ? "ok     " : "MISSING", finding.what);
        if (!finding.ok)
            fmt::print("         mend it: {}\n", finding.way_out);
        all = all && finding.ok;
    }
    return all ? ExitStatus::full_marks : ExitStatus::grader_fault;
}

}  // namespace

void add_doctor(CLI::App &app, Action &action) {
    app.add_subcommand("doctor", "Say what Klass finds on this machine, and what is missing")
        ->callback([&] { action = doctor; });
}

}  // namespace klass::cli
