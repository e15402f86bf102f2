// SPDX-License-Identifier: Apache-2.0
#include "judge/workbench.h"

#include <fcntl.h>
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

void lay_out(guest::Process &process, const std::vector<kernel::BuiltModule> &modules) {
    for (const kernel::BuiltModule &module : modules) {
        const std::string path = fmt::format("{}/{}.ko", guest_home, module.name);
        const auto opened = process.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        guest::File file = process.as_file(opened, path);
        const auto written = file.write(module.image);
        if (written.result != static_cast<std::int64_t>(module.image.size()))
            throw GraderFault(fmt::format("the guest did not take {}: it {}", path,
                                          (opened.ok() ? written : opened).outcome()));
        file.close();
    }
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
