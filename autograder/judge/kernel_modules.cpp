// SPDX-License-Identifier: Apache-2.0
#include "judge/kernel_modules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "judge/modinfo.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/lines.h"
#include "util/subprocess.h"
#include "util/temporary_folder.h"

namespace klass::judge {

namespace {

namespace fs = std::filesystem;

/** Kbuild names a module's file with either character, and the kernel with the second. */
std::string kernels_name(std::string name) {
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

/** Every module of the build, by its name: modules.order lists them, as FOLDER/NAME.o. */
std::map<std::string, fs::path> files_of(const kernel::Kernel &kernel) {
    std::map<std::string, fs::path> files;
    for_each_line(read_file(kernel.build / "modules.order"), [&](std::string_view line) {
        const fs::path file = kernel.build / fs::path(line).replace_extension(".ko");
        files[kernels_name(file.stem())] = file;
    });
    return files;
}

class Collector {
  public:
    explicit Collector(const kernel::Kernel &kernel) : files_(files_of(kernel)) {}

    void add(const std::string &wanted) {
        const std::string name = kernels_name(wanted);
        if (std::any_of(modules.begin(), modules.end(),
                        [&](const kernel::BuiltModule &module) { return module.name == name; }))
            return;
        const auto file = files_.find(name);
        if (file == files_.end())
            throw GraderFault(fmt::format("the course kernel has no module {}", name),
                              "see whether kmod/config asks for it");
        kernel::BuiltModule module{
            .name = name, .path = file->second, .image = stripped(file->second)};
        for (const std::string &need : needs_of(module))
            add(need);
        modules.push_back(std::move(module));
    }

    std::vector<kernel::BuiltModule> modules;

  private:
    Bytes stripped(const fs::path &file) {
        const fs::path target = folder_.path() / "stripped.ko";
        const Outcome outcome =
            run({.argv = {"strip", "--strip-debug", "-o", target.string(), file.string()}});
        if (!outcome.ok())
            throw GraderFault(
                fmt::format("{} cannot be stripped: {}", file.string(), outcome.output),
                "see whether the disk is full (df -h)");
        return to_bytes(read_file(target));
    }

    std::map<std::string, fs::path> files_;
    TemporaryFolder folder_{"modules"};
};

}  // namespace

std::vector<std::string> needs_of(const kernel::BuiltModule &module) {
    std::vector<std::string> needs;
    const std::string depends = read_modinfo(module.image).value("depends");
    for (std::size_t at = 0; at < depends.size();) {
        const std::size_t end = std::min(depends.find(',', at), depends.size());
        needs.push_back(depends.substr(at, end - at));
        at = end + 1;
    }
    return needs;
}

std::vector<kernel::BuiltModule> own_modules(const kernel::Kernel &kernel,
                                             const std::vector<std::string> &names) {
    Collector collector(kernel);
    for (const std::string &name : names)
        collector.add(name);
    return std::move(collector.modules);
}

}  // namespace klass::judge
