// SPDX-License-Identifier: Apache-2.0
#include "kernel/kernel_store.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "kernel/kconfig.h"
#include "kernel/kernel_source.h"
#include "kernel/prebuilt.h"
#include "kernel/prepared.h"
#include "kernel/recipe.h"
#include "kernel/text.h"
#include "util/cache_entry.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/file_lock.h"
#include "util/free_space.h"
#include "util/subprocess.h"

namespace klass::kernel {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int json_format = 1;
constexpr std::uintmax_t space_for_a_build = std::uintmax_t{1500} << 20;  // bytes
// For the first time left that a machine shows; kmod/README.md. From then on it knows.
constexpr std::uint64_t usual_objects_of_debug = 1696;
constexpr std::uint64_t usual_objects_of_fast = 1621;

std::string last_lines(std::string_view output, int count) {
    std::size_t at = output.size();
    for (int line = 0; line <= count && at != std::string_view::npos && at != 0; ++line)
        at = output.rfind('\n', at - 1);
    return safe_text(output.substr(at == std::string_view::npos ? 0 : at + 1));
}

// Describes a finished build, and is written last.
constexpr const char *mark = "kernel.json";

/** The mark of a finished build, or nothing. */
json description_in(const fs::path &folder) {
    const fs::path file = folder / mark;
    if (!fs::exists(file))
        return {};
    json description = json::parse(read_file(file), nullptr, false);
    if (!description.is_object() || description.value("format", 0) != json_format)
        return {};
    return description;
}

fs::path boot_image(Flavour flavour) {
    return flavour == Flavour::debug ? "arch/x86/boot/bzImage" : "vmlinux.boot";
}

Kernel kernel_in(const fs::path &folder, Flavour flavour, const std::string &key,
                 const std::string &release, const fs::path &source) {
    return {.flavour = flavour,
            .key = key,
            .release = release,
            .source = source,
            .build = folder / "build",
            .image = folder / "build" / boot_image(flavour),
            .vmlinux = folder / "build" / "vmlinux",
            .prepared = folder / "prepared"};
}

/** A build of one kernel, in the folder and under the lock that it was given. */
class Build {
  public:
    Build(Flavour flavour, BuildFolders folders, Progress &progress)
        : flavour_(flavour), folders_(std::move(folders)), progress_(progress) {
        for (const fs::path &folder : {folders_.build, folders_.ccache}) {
            std::error_code error;
            fs::create_directories(folder, error);
            if (error)
                throw GraderFault("cannot make " + folder.string() + ": " + error.message(),
                                  "see whether the disk is full (df -h)");
        }
        // A submission's build runs as another user, whatever the caller's umask.
        fs::permissions(folders_.build, fs::perms(0755));
    }

    /** @throws GraderFault when Kconfig does not keep a line of the fragments. */
    void configure(const std::string &fragments) {
        progress_.begin_timed(phase("configuring"), std::chrono::seconds{6});
        write_file_atomically(folders_.build / "klass.config", fragments);
        run_or_fail(configure_kernel(folders_), "configuring");
        std::string complaint;
        for (const DroppedOption &option :
             dropped_options(fragments, read_file(folders_.build / ".config")))
            complaint += "\n  " + option.name + "=" + option.requested + " became " + option.became;
        if (!complaint.empty())
            throw GraderFault("Kconfig dropped what kmod/config asks for:" + complaint,
                              "correct the name, or ask for what the option depends on");
        progress_.end();
    }

    /** @param expected  how many objects there will be, more or less */
    void make(std::uint64_t expected) {
        // What an earlier call made is not made again; what changed is, so never beyond the total.
        std::uint64_t done = std::min(objects(), expected);
        progress_.begin(phase("building"), expected);
        progress_.update(done, {});
        const unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
        SandboxedCommand command = build_kernel(folders_, jobs);
        command.on_line = [&](std::string_view line) {
            if (!names_an_object(line))
                return;
            ++done;
            const std::string_view object = line.substr(line.find_last_of(' ') + 1);
            progress_.update(std::min(done, expected), object);
        };
        run_or_fail(command, "building");
        if (flavour_ == Flavour::fast)
            make_boot_vmlinux();
        progress_.end();
    }

    /** Objects in the tree, each of which leaves the command that made it. */
    [[nodiscard]] std::uint64_t objects() const {
        std::uint64_t count = 0;
        for (const auto &entry : fs::recursive_directory_iterator(folders_.build)) {
            const std::string name = entry.path().filename().string();
            count += name.ends_with(".o.cmd") || name.ends_with(".a.cmd") ? 1 : 0;
        }
        return count;
    }

    /**
     * Removes what only the last link used; vmlinux.o alone is larger than all that a module's
     * build reads. Objects and their commands stay: a changed configuration is then built in
     * seconds, which is what the first stage is about.
     */
    void prune() const {
        for (const auto &entry : fs::directory_iterator(folders_.build)) {
            const std::string name = entry.path().filename().string();
            if (name.starts_with(".tmp_vmlinux") || name == "vmlinux.o")
                fs::remove(entry.path());
        }
    }

  private:
    [[nodiscard]] std::string phase(const std::string &doing) const {
        return doing + " the " + to_string(flavour_) + " kernel";
    }

    /** QEMU reads the whole file at every boot, and needs the ELF note and the segments only. */
    void make_boot_vmlinux() {
        SandboxedCommand command = kernel_make(folders_, {}, {});
        command.argv = {"objcopy", "--strip-debug", "vmlinux", "vmlinux.boot"};
        run_or_fail(command, "stripping");
    }

    void run_or_fail(const SandboxedCommand &command, const std::string &doing) {
        const Outcome outcome = run_in_sandbox(command);
        if (outcome.ok())
            return;
        const bool full = outcome.output.find("No space left on device") != std::string::npos;
        throw GraderFault(phase(doing) + " failed:\n" + last_lines(outcome.output, 20),
                          full ? "free some space: the disk is full (df -h)"
                               : "run the command again: it goes on where it stopped; if it fails "
                                 "again, remove " +
                                     folders_.build.string());
    }

    Flavour flavour_;
    BuildFolders folders_;
    Progress &progress_;
};

}  // namespace

const char *to_string(Flavour flavour) {
    switch (flavour) {
        case Flavour::debug:
            return "debug";
        case Flavour::fast:
            return "fast";
        case Flavour::stock:
            break;
    }
    return "stock";
}

Flavour flavour_from(std::string_view name) {
    for (const Flavour flavour : {Flavour::debug, Flavour::fast})
        if (name == to_string(flavour))
            return flavour;
    throw UsageError("there is no kernel flavour \"" + safe_text(name) + "\"",
                     "the flavours are debug and fast");
}

KernelStore::KernelStore(Paths paths, Progress &progress)
    : paths_(std::move(paths)), progress_(progress) {}

fs::path KernelStore::folder(Flavour flavour, const std::string &key) const {
    return paths_.cache / "kernel" / (std::string(to_string(flavour)) + "-" + key.substr(0, 16));
}

std::string KernelStore::fragments(Flavour flavour) const {
    const fs::path config = paths_.course / "kmod" / "config";
    return read_file(config / "base.config") +
           read_file(config / (std::string(to_string(flavour)) + ".config"));
}

fs::path KernelStore::unwatched(Flavour flavour) const {
    return flavour == Flavour::debug ? paths_.course / "kmod" / "kbuild" / "unwatched.mk"
                                     : fs::path();
}

std::string KernelStore::key(Flavour flavour) const {
    Digest digest;
    digest.add(to_string(flavour))
        .add(source_version())
        .add(tool_version("gcc"))
        .add(tool_version("ld"))
        .add(recipe_text())
        .add(fragments(flavour))
        .add_file(paths_.course / "kmod" / "kbuild" / "probes.mk");
    if (const fs::path list = unwatched(flavour); !list.empty())
        digest.add_file(list);
    return digest.hex();
}

std::uint64_t KernelStore::expected_objects(Flavour flavour) const {
    std::error_code ignored;
    for (const auto &entry : fs::directory_iterator(paths_.cache / "kernel", ignored)) {
        const std::string name = entry.path().filename().string();
        const json description = description_in(entry.path());
        if (name.starts_with(std::string(to_string(flavour)) + "-") && !description.is_null())
            return description.value("objects", std::uint64_t{0});
    }
    return flavour == Flavour::debug ? usual_objects_of_debug : usual_objects_of_fast;
}

std::optional<Kernel> KernelStore::find(Flavour flavour) const {
    return find(flavour, key(flavour));
}

std::optional<Kernel> KernelStore::find(Flavour flavour, const std::string &key) const {
    const json description = description_in(folder(flavour, key));
    if (description.is_null() || description.value("key", "") != key)
        return std::nullopt;
    Kernel kernel = kernel_in(folder(flavour, key), flavour, key, description.value("release", ""),
                              source_folder(paths_.cache));
    const bool whole = fs::exists(kernel.image) && fs::exists(kernel.source / "Makefile");
    return whole ? std::optional<Kernel>(std::move(kernel)) : std::nullopt;
}

Kernel KernelStore::obtain(Flavour flavour) {
    if (flavour == Flavour::stock)
        return obtain_stock(paths_, progress_);
    const std::string key = this->key(flavour);
    if (auto kernel = find(flavour, key)) {
        mark_used(folder(flavour, key) / mark);
        return *kernel;
    }
    const fs::path source = obtain_source(paths_.cache, progress_);
    const fs::path target = folder(flavour, key);
    const FileLock lock(target.string() + ".lock", [&] {
        progress_.note(std::string("another klass is building the ") + to_string(flavour) +
                       " kernel: waiting for it");
    });
    if (auto kernel = find(flavour, key))
        return *kernel;

    const auto start = std::chrono::steady_clock::now();
    require_space(paths_.cache, space_for_a_build, "a kernel's build", "KLASS_CACHE");
    const BuildFolders folders{.source = source,
                               .build = target / "build",
                               .ccache = paths_.cache / "ccache",
                               .unwatched = unwatched(flavour)};
    Build build(flavour, folders, progress_);
    fs::permissions(target, fs::perms(0755));
    build.configure(fragments(flavour));
    build.make(expected_objects(flavour));
    prepare_module_builds(folders, paths_.course / "kmod" / "kbuild" / "probes.mk",
                          target / "prepared");
    build.prune();

    std::string release = read_file(folders.build / "include/config/kernel.release");
    release.erase(release.find_last_not_of('\n') + 1);
    const json description = {{"format", json_format},
                              {"flavour", to_string(flavour)},
                              {"key", key},
                              {"release", release},
                              {"source_version", source_version()},
                              {"compiler", tool_version("gcc")},
                              {"objects", build.objects()},
                              {"seconds", std::chrono::duration_cast<std::chrono::seconds>(
                                              std::chrono::steady_clock::now() - start)
                                              .count()}};
    write_file_atomically(target / mark, description.dump(2) + "\n");
    if (const std::size_t old = remove_unused(paths_.cache / "kernel", mark))
        progress_.note(std::to_string(old) + " old kernels were removed from the cache");
    return kernel_in(target, flavour, key, release, source);
}

}  // namespace klass::kernel
