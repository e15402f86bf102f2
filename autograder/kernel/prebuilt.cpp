// SPDX-License-Identifier: Apache-2.0
#include "kernel/prebuilt.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "kernel/prepared.h"
#include "kernel/recipe.h"
#include "kernel/text.h"
#include "util/cache_entry.h"
#include "util/debian_packages.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/file_lock.h"
#include "util/lines.h"
#include "util/subprocess.h"

namespace klass::kernel {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view image = "linux-image-";
// Written last.
constexpr const char *mark = "kernel.json";

/** What of a program's words says why it failed. */
std::string reason_in(std::string_view output) {
    for (const char *full : {"No space left on device", "enough free space"})
        if (output.find(full) != std::string_view::npos)
            return "the disk is full";
    std::string_view last;
    for_each_line(output, [&](std::string_view line) {
        if (!line.empty())
            last = line;
    });
    constexpr std::size_t most = 200;
    return safe_text(last.substr(0, most));
}

StockPackages ask_apt(const fs::path &course) {
    for (const NeededPackage &package : needed_packages(read_file(course / "packages.txt")))
        if (package.group == "preview" && package.name.starts_with(image))
            return stock_packages(package.name,
                                  run({.argv = {"apt-cache", "depends", package.name}}).output);
    throw GraderFault("packages.txt names no kernel for the preview");
}

/** @throws GraderFault with @p failure and why */
void run_or_fail(const Command &command, const std::string &failure, const std::string &way_out) {
    const Outcome outcome = run(command);
    if (!outcome.ok())
        throw GraderFault(failure + ": " + reason_in(outcome.output), way_out);
}

/** Into @p folder, by apt-get: it checks what it fetches against Debian's signatures. */
void fetch(const StockPackages &packages, const fs::path &folder, Progress &progress) {
    constexpr std::uint64_t whole = 100;  // percent
    progress.begin("fetching Debian's kernel for the preview", whole);
    Command command;
    command.argv = {"env", "--chdir=" + folder.string(), "apt-get", "download",
                    // "dlstatus:FILE:PERCENT:TEXT" among the rest
                    "-oAPT::Status-Fd=1",
                    // As root, apt would fetch as a user who may not write here.
                    "-oAPT::Sandbox::User=root", "-oAcquire::Retries=1",
                    "-oAcquire::http::Timeout=15"};
    command.argv.insert(command.argv.end(), packages.names.begin(), packages.names.end());
    command.environment = {{"LC_ALL", "C"}};
    command.on_line = [&](std::string_view line) {
        if (!line.starts_with("dlstatus:"))
            return;
        line.remove_prefix(line.find(':') + 1);
        line.remove_prefix(std::min(line.find(':') + 1, line.size()));
        unsigned percent = 0;
        std::from_chars(line.data(), line.data() + line.size(), percent);
        progress.update(std::min<std::uint64_t>(percent, whole), {});
    };
    run_or_fail(command, "apt-get cannot fetch " + packages.names.front(),
                "see whether there is a network, and whether apt's lists are of today: apt-get "
                "update, as root");
    progress.end();
}

/** Unpacks the fetched packages from @p debs below @p root. */
void unpack(const fs::path &debs, const fs::path &root, Progress &progress) {
    progress.begin_timed("unpacking Debian's kernel", std::chrono::seconds{4});
    // Of the image's 120 MB, the modules are not wanted.
    constexpr const char *script = R"(set -e
for deb in "$1"/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar --extract --directory="$2" --no-same-owner \
        --exclude='./lib/modules' --exclude='./usr/share'
done)";
    run_or_fail({.argv = {"bash", "-o", "pipefail", "-c", script, "bash", debs, root}},
                "cannot unpack Debian's kernel", "see whether the disk is full (df -h)");
    progress.end();
}

/**
 * Lays the unpacked files out as those of a course kernel: a source tree and an O= tree, which
 * find each other at their places in the sandbox and not below /usr.
 */
void lay_out(const StockPackages &packages, const fs::path &root, const fs::path &target) {
    const fs::path sources = root / "usr/src";
    const fs::path tools = root / "usr/lib" / ("linux-kbuild-" + packages.abi);
    fs::rename(sources / ("linux-headers-" + packages.abi + "-common"), target / "source");
    fs::rename(sources / ("linux-headers-" + packages.release), target / "build");
    fs::rename(root / "boot" / ("vmlinuz-" + packages.release), target / "vmlinuz");
    for (const char *folder : {"scripts", "tools"}) {
        fs::remove(target / "source" / folder);
        fs::rename(tools / folder, target / "source" / folder);
        fs::remove(target / "build" / folder);
        fs::create_symlink(fs::path(inside::linux_source) / folder, target / "build" / folder);
    }
    write_file_atomically(target / "build/Makefile",
                          std::string("include ") + inside::linux_source + "/Makefile\n");
    // Type information for BPF is nobody's business here, and makes a build ask for pahole(1).
    const fs::path switches = target / "build/include/config/auto.conf";
    std::string text = read_file(switches);
    constexpr std::string_view types = "\nCONFIG_DEBUG_INFO_BTF_MODULES=y";
    if (const std::size_t at = text.find(types); at != std::string::npos)
        write_file_atomically(switches, text.erase(at, types.size()));
    fs::remove(target / "build/vmlinux");
    for (const char *folder : {"source", "build"})
        fs::permissions(target / folder, fs::perms(0755));
}

Kernel kernel_in(const fs::path &folder, const std::string &key, const std::string &release) {
    return {.flavour = Flavour::stock,
            .key = key,
            .release = release,
            .source = folder / "source",
            .build = folder / "build",
            .image = folder / "vmlinuz",
            .vmlinux = {},
            .prepared = folder / "prepared"};
}

}  // namespace

StockPackages stock_packages(std::string_view newest, std::string_view depends) {
    StockPackages packages;
    // What stands behind the series.
    const std::string_view flavour =
        newest.substr(std::min(newest.find('-', image.size()), newest.size()));
    for_each_line(depends, [&](std::string_view line) {
        const std::size_t at = line.find(image);
        if (line.find("Depends: ") != std::string_view::npos && at != std::string_view::npos &&
            line.ends_with(flavour) && packages.release.empty())
            packages.release = line.substr(at + image.size());
    });
    if (packages.release.empty())
        throw GraderFault("apt knows no package " + std::string(newest),
                          "fetch the package lists: apt-get update, as root");
    packages.abi = packages.release.substr(0, packages.release.size() - flavour.size());
    packages.names = {"linux-image-" + packages.release, "linux-headers-" + packages.release,
                      "linux-headers-" + packages.abi + "-common", "linux-kbuild-" + packages.abi};
    return packages;
}

Kernel obtain_stock(const Paths &paths, Progress &progress) {
    const StockPackages packages = ask_apt(paths.course);
    const fs::path probes = paths.course / "kmod/kbuild/probes.mk";
    const std::string key = Digest()
                                .add("stock 1")
                                .add(packages.release)
                                .add(tool_version("gcc"))
                                .add_file(probes)
                                .hex();
    const fs::path folder = paths.cache / "kernel" / ("stock-" + key.substr(0, 16));
    const auto there = [&] { return fs::exists(folder / mark); };
    if (there()) {
        mark_used(folder / mark);
        return kernel_in(folder, key, packages.release);
    }
    const FileLock lock(folder.string() + ".lock", [&] {
        progress.note("another klass is fetching Debian's kernel: waiting for it");
    });
    if (there())
        return kernel_in(folder, key, packages.release);
    std::error_code error;
    fs::remove_all(folder, error);
    const fs::path debs = folder / "debs";
    const fs::path root = folder / "root";
    for (const fs::path &each : {debs, root})
        if (!error)
            fs::create_directories(each, error);
    if (error)
        throw GraderFault("cannot make " + folder.string() + ": " + error.message(),
                          "see whether the disk is full (df -h)");
    fetch(packages, debs, progress);
    unpack(debs, root, progress);
    try {
        fs::permissions(folder, fs::perms(0755));
        lay_out(packages, root, folder);
    } catch (const fs::filesystem_error &missing) {
        throw GraderFault(std::string("Debian's kernel is not as expected: ") + missing.what());
    }
    prepare_module_builds({.source = folder / "source", .build = folder / "build", .ccache = {}},
                          probes, folder / "prepared");
    fs::remove_all(debs, error);
    fs::remove_all(root, error);
    const nlohmann::json description = {
        {"flavour", to_string(Flavour::stock)}, {"key", key}, {"release", packages.release}};
    write_file_atomically(folder / mark, description.dump(2) + "\n");
    return kernel_in(folder, key, packages.release);
}

}  // namespace klass::kernel
