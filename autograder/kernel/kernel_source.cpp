// SPDX-License-Identifier: Apache-2.0
#include "kernel/kernel_source.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "util/error.h"
#include "util/file_lock.h"
#include "util/lines.h"
#include "util/subprocess.h"

namespace klass::kernel {

namespace {

namespace fs = std::filesystem;

constexpr const char *package = "linux-source-6.12";
constexpr const char *archive = "/usr/src/linux-source-6.12.tar.xz";

GraderFault package_missing() {
    return GraderFault(std::string("the kernel's source is not there: the package ") + package +
                           " is not installed",
                       std::string("apt-get install ") + package);
}

constexpr std::uint64_t tar_record = 10240;  // bytes; tar(1), --blocking-factor
constexpr std::uint64_t records_a_step = 500;

/** Steps of unpacking, from the size that xz(1) keeps at the archive's end; 0 when it does not. */
std::uint64_t steps_of(const fs::path &tar) {
    Command command;
    command.argv = {"xz", "--robot", "--list", tar.string()};
    std::uint64_t bytes = 0;
    // file, streams, blocks, compressed, uncompressed, ...
    for_each_line(run(command).output, [&](std::string_view line) {
        if (!line.starts_with("file\t"))
            return;
        for (int field = 0; field < 4; ++field)
            line.remove_prefix(std::min(line.find('\t'), line.size() - 1) + 1);
        std::from_chars(line.data(), line.data() + line.size(), bytes);
    });
    return bytes / tar_record / records_a_step;
}

void unpack(const fs::path &tar, const fs::path &target, Progress &progress) {
    Command command;
    std::uint64_t done = 0;
    const std::uint64_t total = steps_of(tar);
    progress.begin("unpacking the kernel's source", total);
    // xz unpacks the blocks of Debian's archives in parallel.
    command.argv = {"tar",
                    "--use-compress-program=xz -T0",
                    "--extract",
                    "--file=" + tar.string(),
                    "--directory=" + target.string(),
                    "--strip-components=1",
                    "--no-same-owner",
                    "--checkpoint=" + std::to_string(records_a_step),
                    "--checkpoint-action=echo=step"};
    command.on_line = [&](std::string_view line) {
        if (line.ends_with("step"))
            progress.update(std::min(++done, total), {});
    };
    const Outcome outcome = run(command);
    if (!outcome.ok())
        throw GraderFault(
            "cannot unpack " + tar.string() + ": " +
                outcome.output.substr(outcome.output.size() -
                                      std::min<std::size_t>(outcome.output.size(), 300)),
            "see whether the disk is full (df -h); the source needs 1.7 GB");
    progress.end();
}

std::string installed_version() {
    Command command;
    command.argv = {"dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", package};
    const Outcome outcome = run(command);
    constexpr std::string_view installed = "installed ";
    if (!outcome.ok() || !outcome.output.starts_with(installed))
        throw package_missing();
    return outcome.output.substr(installed.size());
}

}  // namespace

std::string source_version() {
    // Asked for at every turn; dpkg takes longer to say than all else takes together.
    static const std::string version = installed_version();
    return version;
}

fs::path source_folder(const fs::path &cache) {
    return cache / "source" / source_version();
}

fs::path obtain_source(const fs::path &cache, Progress &progress) {
    fs::path folder = source_folder(cache);
    if (fs::exists(folder / "Makefile"))
        return folder;
    const FileLock lock(folder.string() + ".lock", [&] {
        progress.note("another klass is unpacking the kernel's source: waiting for it");
    });
    if (fs::exists(folder / "Makefile"))
        return folder;
    if (!fs::exists(archive))
        throw package_missing();
    // Half of a source must never look like a whole one.
    const fs::path partial = folder.string() + ".partial";
    std::error_code error;
    fs::remove_all(partial, error);
    fs::create_directories(partial, error);
    if (!error) {
        fs::permissions(partial, fs::perms(0755), error);
        unpack(archive, partial, progress);
        fs::rename(partial, folder, error);
    }
    if (error)
        throw GraderFault("cannot make " + folder.string() + ": " + error.message(),
                          "see whether the disk is full (df -h)");
    return folder;
}

}  // namespace klass::kernel
