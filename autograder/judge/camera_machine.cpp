// SPDX-License-Identifier: Apache-2.0
#include "judge/camera_machine.h"

#include <fmt/format.h>

#include "judge/kernel_modules.h"
#include "kernel/kbuild.h"
#include "kernel/submission.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::judge {

namespace {

constexpr const char *camera = "vcam";

kernel::Submission sources(const std::filesystem::path &course) {
    return kernel::Submission::from_folder(course / "kmod" / camera);
}

void load(guest::Process &process, const kernel::BuiltModule &module) {
    const guest::Observation loaded = process.load_module(module.name, module.image);
    if (!loaded.ok())
        throw GraderFault(
            fmt::format("the guest does not take {}: it {}", module.name, loaded.outcome()));
}

}  // namespace

std::string camera_sha256(const std::filesystem::path &course) {
    return sources(course).sha256;
}

void plug_in_camera(guest::Process &process, const kernel::Kernel &kernel,
                    const std::filesystem::path &course) {
    const TemporaryFolder folder("camera");
    const kernel::KbuildResult build =
        kernel::build_modules(kernel, sources(course), folder.path(), {camera});
    if (!build.ok)
        throw GraderFault(
            fmt::format("the course's camera does not build: {}\n{}", build.error, build.output));
    for (const kernel::BuiltModule &need : own_modules(kernel, needs_of(build.modules[0])))
        load(process, need);
    load(process, build.modules[0]);
}

}  // namespace klass::judge
