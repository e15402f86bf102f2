// SPDX-License-Identifier: Apache-2.0
#include "kernel/gdb_kit.h"

#include "kernel/recipe.h"
#include "kernel/sandbox.h"
#include "kernel/text.h"
#include "util/cache_entry.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/file_lock.h"

namespace klass::kernel {

namespace {

namespace fs = std::filesystem;

constexpr const char *sources_inside = "/klass/source";

constexpr const char *script = R"(set -e
cd /klass/submission
cp /klass/source/Kbuild /klass/source/klass_types.c .
make -C /klass/build M=/klass/submission
cp klass_types.ko constants.py /klass/out
)";

constexpr const char *types_name = "klass_types.ko";
constexpr const char *constants_name = "constants.py";

/** Compiles; leaves the two files in @p out. */
void compile(const Kernel &kernel, const fs::path &sources, const fs::path &out) {
    SandboxedCommand command;
    command.argv = {"sh", "-c", script};
    command.mounts = {{kernel.source, inside::linux_source},
                      {kernel.build, inside::build},
                      {kernel.prepared, inside::probes},
                      {sources, sources_inside},
                      {out, inside::out, true}};
    command.scratch = {"/klass/submission"};
    command.environment = {{"LC_ALL", "C"},
                           {"HOME", "/tmp"},
                           {"MAKEFILES", std::string(inside::probes) + "/probes.mk"},
                           {"KLASS_PROBES", inside::probes}};
    command.run_as = RunAs::caller;
    const Outcome outcome = run_in_sandbox(command);
    if (!outcome.ok())
        throw GraderFault("the files for gdb could not be made:\n" + safe_text(outcome.output));
}

// Python wants the package in one folder, and the kernel's source is not to be written to.
void gather_scripts(const Kernel &kernel, const fs::path &folder) {
    const fs::path package = folder / "scripts" / "linux";
    fs::create_directories(package);
    for (const auto &entry : fs::directory_iterator(kernel.source / "scripts/gdb/linux"))
        if (entry.path().extension() == ".py")
            fs::copy_file(entry.path(), package / entry.path().filename(),
                          fs::copy_options::overwrite_existing);
    fs::rename(folder / constants_name, package / constants_name);
}

}  // namespace

GdbKit obtain_gdb_kit(const Kernel &kernel, const fs::path &course, const fs::path &cache,
                      Progress &progress) {
    const fs::path sources = course / "kmod" / "gdb";
    const std::string key = Digest()
                                .add(kernel.key)
                                .add_file(sources / "Kbuild")
                                .add_file(sources / "klass_types.c")
                                .hex();
    const fs::path folder = cache / "gdb" / key.substr(0, 16);
    const GdbKit kit{.types = folder / types_name,
                     .scripts = folder / "scripts",
                     .klass = sources / "klass.py",
                     .index = folder / "index"};
    // Written last, and by a rename: it marks a kit that is whole.
    const fs::path mark = kit.scripts / "linux" / constants_name;
    if (!fs::exists(mark)) {
        std::error_code error;
        fs::create_directories(kit.index, error);
        if (error)
            throw GraderFault("cannot make " + folder.string() + ": " + error.message(),
                              "see whether the disk is full (df -h)");
        const FileLock lock(folder / "lock", [&] {
            progress.note("another klass is making the files for gdb: waiting for it");
        });
        if (!fs::exists(mark)) {
            progress.begin("making the files for gdb", 0);
            compile(kernel, sources, folder);
            gather_scripts(kernel, folder);
            progress.end();
            remove_unused(cache / "gdb", types_name);
        }
    }
    mark_used(kit.types);
    return kit;
}

}  // namespace klass::kernel
