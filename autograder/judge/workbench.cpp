// SPDX-License-Identifier: Apache-2.0
#include "judge/workbench.h"

#include <fmt/format.h>

#include "util/error.h"

namespace klass::judge {

Workbench::Workbench(Lab &lab, const Manifest &manifest, const std::filesystem::path &submission,
                     const MachineWish &wish, const kernel::BuildRequest &request)
    : kernel_(lab.kernel(wish.flavour)) {
    const auto files = kernel::Submission::from_folder(submission);
    pool_ = std::make_unique<vm::ClonePool>(lab.snapshot(wish), 1, 1);
    build_ = kernel::build_modules(kernel_, files, folder_.path(), manifest.modules, request);
    for (const kernel::BuiltModule &module : build_.modules)
        symbols_.emplace_back(module.path, build_.sources, kernel::submission_root);
}

guest::Guest Workbench::start() {
    return clone(*pool_, 1);
}

void lay_out(guest::Process &process, const kernel::KbuildResult &build) {
    const auto lay = [&](const std::string &name, const Bytes &image, unsigned mode) {
        const std::string path = fmt::format("{}/{}", guest_home, name);
        const auto laid = process.lay_file(path, image, mode);
        if (!laid.ok())
            throw GraderFault(
                fmt::format("the guest did not take {}: it {}", path, laid.outcome()));
    };
    for (const kernel::BuiltModule &module : build.modules)
        lay(module.name + ".ko", module.image, 0644);
    for (const kernel::BuiltProgram &program : build.programs)
        lay(program.name, program.image, 0755);
}

MachineWish wish_for_hand(const Manifest &manifest, std::optional<kernel::Flavour> flavour) {
    MachineWish wish = manifest.machine;
    // A machine that counts instructions skips the time in which it has nothing to do.
    wish.icount_shift.reset();
    if (flavour)
        wish.flavour = *flavour;
    return wish;
}

}  // namespace klass::judge
