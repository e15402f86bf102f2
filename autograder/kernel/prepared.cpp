// SPDX-License-Identifier: Apache-2.0
#include "kernel/prepared.h"

#include <unistd.h>

#include "kernel/sandbox.h"
#include "kernel/text.h"
#include "util/error.h"
#include "util/file_lock.h"

namespace klass::kernel {

namespace {

namespace fs = std::filesystem;

constexpr const char *common_script = R"(set -e
cd /klass/submission
echo 'obj-m := probe.o' > Kbuild
printf '#include <linux/module.h>\nMODULE_LICENSE("GPL");\nMODULE_DESCRIPTION("probe");\n' > probe.c
make -C /klass/build M=/klass/submission modules
cp .module-common.o ..module-common.o.cmd /klass/probes
)";

// modpost's file depends on which of the two functions there are.
constexpr const char *named_script = R"(set -e
cd /klass/submission
cp /klass/probes/.module-common.o /klass/probes/..module-common.o.cmd .
echo "obj-m := $1.o" > Kbuild
cat > "$1.c" << 'END'
#include <linux/module.h>
static int __init begin(void) { return 0; }
static void __exit end(void) { }
module_init(begin);
module_exit(end);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("probe");
END
make -C /klass/build M=/klass/submission modules
cp "$1.mod.c" "$1.mod.o" ".$1.mod.o.cmd" /klass/out
)";

SandboxedCommand probe(const fs::path &source, const fs::path &build, const char *script) {
    SandboxedCommand command;
    command.argv = {"sh", "-c", script};
    command.mounts = {{source, inside::linux_source}, {build, inside::build}};
    command.scratch = {"/klass/submission"};
    command.environment = {{"LC_ALL", "C"},
                           {"MAKEFILES", std::string(inside::probes) + "/probes.mk"},
                           {"KLASS_PROBES", inside::probes}};
    command.run_as = RunAs::caller;
    return command;
}

void run_probe(const SandboxedCommand &command) {
    const Outcome outcome = run_in_sandbox(command);
    if (!outcome.ok())
        throw GraderFault("a module of a few lines does not build against the new kernel:\n" +
                          safe_text(outcome.output));
}

}  // namespace

void prepare_module_builds(const BuildFolders &folders, const fs::path &probes_mk,
                           const fs::path &target) {
    std::error_code error;
    fs::remove_all(target, error);
    fs::create_directories(target, error);
    if (!error)
        fs::permissions(target, fs::perms(0755), error);
    if (!error)
        fs::copy_file(probes_mk, target / "probes.mk", error);
    if (error)
        throw GraderFault("cannot make " + target.string() + ": " + error.message(),
                          "see whether the disk is full (df -h)");

    SandboxedCommand command = probe(folders.source, folders.build, common_script);
    command.mounts.push_back({target, inside::probes, true});
    command.environment["KLASS_RECORD"] = "1";
    run_probe(command);
}

bool is_prepared(const Kernel &kernel, const std::string &name) {
    // Debian's kernel has the file tell a version of each symbol that the module needs.
    return kernel.flavour == Flavour::stock ||
           fs::exists(kernel.prepared / prepared_modules / name) ||
           access(kernel.prepared.c_str(), W_OK) != 0;
}

void prepare_module_of_name(const Kernel &kernel, const std::string &name) {
    if (is_prepared(kernel, name))
        return;
    const fs::path all = kernel.prepared / prepared_modules;
    const FileLock lock(all / (name + ".lock"));
    if (is_prepared(kernel, name))
        return;
    fs::permissions(all, fs::perms(0755));
    const fs::path unfinished = all / (name + ".new");
    fs::remove_all(unfinished);
    fs::create_directory(unfinished);
    fs::permissions(unfinished, fs::perms(0755));
    SandboxedCommand command = probe(kernel.source, kernel.build, named_script);
    command.argv.insert(command.argv.end(), {"sh", name});
    command.mounts.push_back({kernel.prepared, inside::probes});
    command.mounts.push_back({unfinished, inside::out, true});
    run_probe(command);
    fs::rename(unfinished, all / name);
}

}  // namespace klass::kernel
