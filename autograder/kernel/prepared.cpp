// SPDX-License-Identifier: Apache-2.0
#include "kernel/prepared.h"

#include "kernel/text.h"
#include "util/error.h"

namespace klass::kernel {

namespace {

namespace fs = std::filesystem;

constexpr const char *script = R"(set -e
cd /klass/submission
echo 'obj-m := probe.o' > Kbuild
printf '#include <linux/module.h>\nMODULE_LICENSE("GPL");\nMODULE_DESCRIPTION("probe");\n' > probe.c
make -C /klass/build M=/klass/submission modules
cp .module-common.o ..module-common.o.cmd /klass/probes
)";

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

    SandboxedCommand command;
    command.argv = {"sh", "-c", script};
    command.mounts = {{folders.source, inside::linux_source},
                      {folders.build, inside::build},
                      {target, inside::probes, true}};
    command.scratch = {"/klass/submission"};
    command.environment = {{"LC_ALL", "C"},
                           {"MAKEFILES", "/klass/probes/probes.mk"},
                           {"KLASS_PROBES", inside::probes},
                           {"KLASS_RECORD", "1"}};
    command.run_as = RunAs::caller;
    const Outcome outcome = run_in_sandbox(command);
    if (!outcome.ok())
        throw GraderFault("a module of one line does not build against the new kernel:\n" +
                          safe_text(outcome.output));
}

}  // namespace klass::kernel
