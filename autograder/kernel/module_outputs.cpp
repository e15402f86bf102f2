// SPDX-License-Identifier: Apache-2.0
#include "kernel/module_outputs.h"

#include "kernel/build_output.h"
#include "kernel/recipe.h"

namespace klass::kernel {

namespace fs = std::filesystem;

// A module's name has an underscore where its file may have a dash.
const char *const ModuleOutputs::collect_script = R"(
for name; do
    pattern=$(printf %s "$name" | sed 's/_/[-_]/g')
    module=$(find "$tree" -type f -name "$pattern.ko" | head -n 1)
    [ -n "$module" ] && cat "$module" > "/klass/out/$name.ko" &&
        strip --strip-debug -o /tmp/stripped.ko "$module" &&
        cat /tmp/stripped.ko > "/klass/out/$name.loadable"
done
)";

ModuleOutputs::ModuleOutputs(fs::path folder, const std::vector<std::string> &names)
    : folder_(std::move(folder)), names_(names) {
    for (const std::string &name : names_) {
        make_output(whole(name));
        make_output(loadable(name));
    }
}

void ModuleOutputs::add_to(SandboxedCommand &command) const {
    for (const std::string &name : names_) {
        const std::string inside = std::string(inside::out) + "/" + name;
        command.mounts.push_back({whole(name), inside + ".ko", true});
        command.mounts.push_back({loadable(name), inside + ".loadable", true});
        command.argv.push_back(name);
    }
}

fs::path ModuleOutputs::whole(const std::string &name) const {
    return folder_ / (name + ".ko");
}

fs::path ModuleOutputs::loadable(const std::string &name) const {
    return folder_ / (name + ".loadable");
}

}  // namespace klass::kernel
