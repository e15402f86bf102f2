// SPDX-License-Identifier: Apache-2.0
#include "judge/health.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "kernel/kernel_source.h"
#include "kernel/kernel_store.h"
#include "kernel/sandbox.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/lines.h"
#include "util/progress.h"
#include "util/subprocess.h"

namespace klass::judge {

namespace {

namespace fs = std::filesystem;
using State = Finding::State;

constexpr std::uint64_t mib = std::uint64_t{1} << 20;

struct Group {
    std::string_view name;
    std::string_view what_for;
    State when_missing;
};

// Not preview: what is fetched and never installed cannot be missing.
constexpr std::array groups{
    Group{"run", "grading, and all that uses a guest", State::missing},
    Group{"build", "building Klass itself", State::note},
    Group{"look", "klass debug and klass lint", State::note},
    Group{"pose", "klass pose-server, and the book's picture", State::note},
    Group{"book", "klass book", State::note},
    Group{"dev", "klass test and klass course check", State::note},
};

/** The text of a small file, or nothing. */
std::string text_of(const fs::path &file) {
    std::ifstream stream(file);
    std::ostringstream text;
    text << stream.rdbuf();
    return std::string(trimmed(text.str()));
}

std::vector<std::string> installed_of(const std::vector<NeededPackage> &needed) {
    Command command;
    command.argv = {"dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package}\n"};
    for (const NeededPackage &package : needed)
        command.argv.push_back(package.name);
    // It fails for those that it does not know, and lists the others all the same.
    std::istringstream lines(run(command).output);
    std::vector<std::string> installed;
    for (std::string state, name; lines >> state >> name;)
        if (state == "installed")
            installed.push_back(name);
    return installed;
}

std::vector<Finding> packages(const Paths &paths) {
    const fs::path list = paths.course / "packages.txt";
    if (!fs::exists(list) || find_program("dpkg-query").empty())
        return {{State::note, "this is not Debian, or not a checkout: packages were not looked at",
                 "see docker/README.md for an image that has them all"}};
    const auto needed = needed_packages(read_file(list));
    return package_findings(needed, installed_of(needed), geteuid() == 0);
}

Finding program(const char *name, const char *package) {
    const std::string path = find_program(name);
    if (!path.empty())
        return {State::ok, path};
    return {State::missing, fmt::format("{} is not in $PATH", name),
            fmt::format("apt-get install --reinstall {}", package)};
}

Finding sandbox() {
    std::string why;
    std::string mend;
    try {
        if (kernel::run_in_sandbox({.argv = {"/usr/bin/true"}}).ok())
            return {State::ok, "bubblewrap makes sandboxes"};
        why = "bubblewrap makes no sandbox";
    } catch (const Error &error) {
        why = error.what();
        mend = error.way_out();
    }
    const std::string known =
        mend_namespaces(text_of("/proc/sys/kernel/unprivileged_userns_clone"),
                        text_of("/proc/sys/user/max_user_namespaces"),
                        text_of("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"));
    return {State::missing, why, known.empty() ? mend : known};
}

Finding kvm() {
    if (access("/dev/kvm", F_OK) != 0)
        return {State::ok, "no /dev/kvm: guests run in software, which is what all times are for"};
    if (access("/dev/kvm", R_OK | W_OK) != 0)
        return {State::note, "/dev/kvm is there, and not yours to use: guests run in software",
                "sudo usermod -aG kvm $USER, and log in again"};
    return {State::ok,
            "/dev/kvm may be used; whether a kernel boots under it, the next lines tell"};
}

Finding memory() {
    constexpr std::uint64_t wanted = 1024;
    std::istringstream lines(text_of("/proc/meminfo"));
    std::string name;
    std::uint64_t kib = 0;
    std::string unit;
    while (lines >> name >> kib >> unit && name != "MemAvailable:") {
    }
    const bool enough = kib / 1024 >= wanted;
    return {enough ? State::ok : State::note, fmt::format("{} MiB of memory are free", kib / 1024),
            enough ? ""
                   : fmt::format("a grading uses up to {} MiB: close other programs, or give "
                                 "it --jobs 1",
                                 wanted)};
}

Finding space(const fs::path &folder, std::uint64_t wanted, const char *for_what,
              const char *variable) {
    std::error_code error;
    fs::create_directories(folder, error);
    const fs::space_info space = fs::space(folder, error);
    if (error || access(folder.c_str(), W_OK) != 0)
        return {State::missing, fmt::format("{} cannot be written", folder.string()),
                fmt::format("export {}=FOLDER, with a folder that can", variable)};
    const bool enough = space.available >= wanted;
    return {
        enough ? State::ok : State::missing,
        fmt::format("{} has {} free for {}", folder.string(), size_text(space.available), for_what),
        enough ? ""
               : fmt::format("make room: {} are wanted; or export {}=FOLDER on another disk",
                             size_text(wanted), variable)};
}

/** Of a kernel's folder in the cache: its description, and whether it is today's. */
CacheEntry kernel_entry(const fs::path &folder, const std::map<std::string, std::string> &keys) {
    CacheEntry entry{.path = folder, .what = "a kernel whose build was not finished"};
    const fs::path mark = folder / "kernel.json";
    const auto json = fs::exists(mark) ? nlohmann::json::parse(read_file(mark), nullptr, false)
                                       : nlohmann::json();
    if (!json.is_object())
        return entry;
    const std::string flavour = json.value("flavour", "");
    const auto key = keys.find(flavour);
    entry.what = fmt::format("the {} kernel, {}", flavour, json.value("release", ""));
    entry.used = key == keys.end() || json.value("key", "") == key->second;
    return entry;
}

std::vector<fs::path> folders_in(const fs::path &parent) {
    std::vector<fs::path> folders;
    std::error_code ignored;
    for (const auto &entry : fs::directory_iterator(parent, ignored))
        if (entry.is_directory(ignored))
            folders.push_back(entry.path());
    std::sort(folders.begin(), folders.end());
    return folders;
}

std::map<std::string, std::string> keys_of_today(const Paths &paths) {
    const auto progress = silent_progress();
    const kernel::KernelStore store(paths, *progress);
    std::map<std::string, std::string> keys;
    for (const kernel::Flavour flavour : {kernel::Flavour::debug, kernel::Flavour::fast}) {
        try {
            keys[kernel::to_string(flavour)] = store.key(flavour);
        } catch (const GraderFault &) {
            // No source or no compiler: another finding says so.
        }
    }
    return keys;
}

std::vector<Finding> cache(const Paths &paths) {
    std::vector<Finding> findings;
    std::uint64_t total = 0;
    for (const CacheEntry &entry : cache_entries(paths)) {
        total += entry.bytes;
        const std::string what = fmt::format("{}: {}", entry.what, size_text(entry.bytes));
        if (entry.used)
            findings.push_back({State::ok, what});
        else
            findings.push_back({State::note, what + ", and no longer used",
                                fmt::format("rm -r {}", entry.path.string())});
    }
    findings.push_back({State::ok, fmt::format("the cache takes {}; all of it can be made anew",
                                               size_text(total))});
    return findings;
}

}  // namespace

std::vector<Finding> package_findings(const std::vector<NeededPackage> &needed,
                                      const std::vector<std::string> &installed, bool root) {
    std::vector<Finding> findings;
    for (const Group &group : groups) {
        std::vector<std::string> missing;
        for (const NeededPackage &package : needed)
            if (package.group == group.name &&
                std::find(installed.begin(), installed.end(), package.name) == installed.end())
                missing.push_back(package.name);
        if (missing.empty())
            findings.push_back({State::ok, fmt::format("the packages for {}", group.what_for)});
        else
            findings.push_back(
                {group.when_missing,
                 fmt::format("{} of the packages for {} {} not installed", missing.size(),
                             group.what_for, missing.size() == 1 ? "is" : "are"),
                 fmt::format("{}apt-get install --no-install-recommends {}", root ? "" : "sudo ",
                             fmt::join(missing, " "))});
    }
    return findings;
}

std::string mend_namespaces(std::string_view clone, std::string_view most,
                            std::string_view apparmor) {
    if (clone == "0")
        return "sudo sysctl -w kernel.unprivileged_userns_clone=1";
    if (most == "0")
        return "sudo sysctl -w user.max_user_namespaces=10000";
    if (apparmor == "1")
        return "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
    return {};
}

std::string size_text(std::uint64_t bytes) {
    constexpr std::uint64_t gib = 1024 * mib;
    if (bytes >= gib)
        return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / static_cast<double>(gib));
    return fmt::format("{} MiB", (bytes + mib - 1) / mib);
}

std::uint64_t disk_usage(const fs::path &folder) {
    std::uint64_t bytes = 0;
    std::error_code error;
    for (auto each = fs::recursive_directory_iterator(folder, error);
         each != fs::recursive_directory_iterator(); each.increment(error)) {
        struct stat status {};
        // Blocks and not lengths: a frozen memory is mostly holes.
        if (lstat(each->path().c_str(), &status) == 0)
            bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
        if (error)
            break;
    }
    return bytes;
}

std::vector<CacheEntry> cache_entries(const Paths &paths) {
    std::vector<CacheEntry> entries;
    std::string version;
    try {
        version = kernel::source_version();
    } catch (const GraderFault &) {
        // Then every source counts as used: nobody knows better.
    }
    for (const fs::path &folder : folders_in(paths.cache / "source"))
        entries.push_back({.path = folder,
                           .what = "the kernel's source " + folder.filename().string(),
                           .used = version.empty() || folder.filename() == version});
    const auto keys = keys_of_today(paths);
    for (const fs::path &folder : folders_in(paths.cache / "kernel"))
        entries.push_back(kernel_entry(folder, keys));
    const auto snapshots = folders_in(paths.cache / "snapshot");
    if (!snapshots.empty())
        entries.push_back({.path = paths.cache / "snapshot",
                           .what = fmt::format("{} frozen machines", snapshots.size())});
    for (const auto &[name, what] :
         {std::pair{"gdb", "files for gdb"}, std::pair{"ccache", "compiled objects (ccache)"}})
        if (fs::exists(paths.cache / name))
            entries.push_back({.path = paths.cache / name, .what = what});
    for (CacheEntry &entry : entries)
        entry.bytes = disk_usage(entry.path);
    return entries;
}

std::vector<Finding> examine(const Paths &paths) {
    constexpr std::uint64_t for_kernels = 6 * 1024 * mib;
    constexpr std::uint64_t for_a_grading = 64 * mib;
    std::vector<Finding> findings = packages(paths);
    const auto add = [&](std::vector<Finding> more) {
        findings.insert(findings.end(), more.begin(), more.end());
    };
    add({program("qemu-system-x86_64", "qemu-system-x86"), program("gcc", "gcc"),
         program("make", "make"), program("ccache", "ccache"), program("patch", "patch"),
         program("bwrap", "bubblewrap"), sandbox(), kvm(), memory()});
    // What is built already needs no room any more.
    const std::uint64_t there = disk_usage(paths.cache / "kernel");
    add({space(paths.cache, for_kernels - std::min(there, for_kernels - for_a_grading),
               "kernels and frozen machines", "KLASS_CACHE"),
         space(fs::temp_directory_path(), for_a_grading, "gradings", "TMPDIR")});
    if (fs::exists("/bin/busybox"))
        add({{State::ok, "BusyBox for the guests"}});
    else
        add({{State::missing, "there is no /bin/busybox for the guests",
              "apt-get install busybox-static"}});
    if (fs::exists(paths.agent))
        add({{State::ok, fmt::format("the guests' agent {}", paths.agent.string())}});
    else
        add({{State::missing,
              fmt::format("the guests' agent {} is not there", paths.agent.string()),
              "ninja -C build/default klass-agent"}});
    add(cache(paths));
    return findings;
}

}  // namespace klass::judge
