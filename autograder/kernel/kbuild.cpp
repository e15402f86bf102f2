// SPDX-License-Identifier: Apache-2.0
#include "kernel/kbuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <thread>

#include "kernel/build_output.h"
#include "kernel/module_outputs.h"
#include "kernel/prepared.h"
#include "kernel/recipe.h"
#include "kernel/text.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/lines.h"

namespace klass::kernel {

namespace {

namespace fs = std::filesystem;

// Inside, the submission lies in memory, limited in size, and can be written to.
constexpr const char *source_inside = "/klass/source";
constexpr const char *symvers_inside = "/klass/symvers";
// Files that the build leaves beside the modules.
constexpr const char *symvers_name = "Module.symvers";
constexpr const char *commands_name = "commands";
// Half a thousand exported symbols: no exercise has so many.
constexpr std::uint64_t most_symvers = std::uint64_t{64} << 10;
// Some KiB an object.
constexpr std::uint64_t most_commands = std::uint64_t{1} << 20;

constexpr const char *script = R"(
tree=/klass/submission
jobs=$1
shift
cp /klass/probes/.module-common.o /klass/probes/..module-common.o.cmd /klass/submission &&
for module do
    prepared=/klass/probes/modules/$module
    [ ! -f "$prepared/$module.mod.o" ] ||
        cp "$prepared/$module.mod.c" "$prepared/$module.mod.o" "$prepared/.$module.mod.o.cmd" \
            /klass/submission
done &&
cp -R /klass/source/. /klass/submission || exit 100
make -j"$jobs" -C /klass/build M=/klass/submission modules
status=$?
[ $status = 0 ] && for program in $KLASS_PROGRAMS; do
    env -u MAKEFILES make -C /klass/submission "$program" || { status=$?; break; }
    cat "/klass/submission/$program" > "/klass/out/$program"
done
cat /klass/submission/Module.symvers > /klass/out/Module.symvers
find "$tree" -name '.*.o.cmd' -exec grep -hE '^(savedcmd|source)_' {} + > /klass/out/commands
)";

SandboxedCommand command_for(const Kernel &kernel, const fs::path &source, const fs::path &folder,
                             const ModuleOutputs &modules, const BuildRequest &request) {
    SandboxedCommand command;
    // Kbuild has little to do at a time: more jobs than a few would only be processes to count.
    const unsigned jobs = std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
    const std::string whole_script =
        std::string(script) + ModuleOutputs::collect_script + "exit $status\n";
    command.argv = {"sh", "-c", whole_script, "sh", std::to_string(jobs)};
    command.mounts = {{kernel.source, inside::linux_source},
                      {kernel.build, inside::build},
                      {kernel.prepared, inside::probes},
                      {source, source_inside}};
    modules.add_to(command);
    for (const char *name : {symvers_name, commands_name}) {
        make_output(folder / name);
        command.mounts.push_back({folder / name, fmt::format("{}/{}", inside::out, name), true});
    }
    std::string programs;
    for (const std::string &program : request.programs) {
        make_output(folder / program);
        command.mounts.push_back(
            {folder / program, fmt::format("{}/{}", inside::out, program), true});
        programs += program + " ";
    }
    command.scratch = {submission_root};
    command.environment = {{"LC_ALL", "C"},
                           {"HOME", "/tmp"},
                           {"MAKEFILES", std::string(inside::probes) + "/probes.mk"},
                           {"KLASS_PROBES", inside::probes},
                           {"KLASS_PROGRAMS", programs}};
    command.environment.insert(request.variables.begin(), request.variables.end());
    command.limits = request.limits;
    return command;
}

/** Names of the modules that Kbuild says it linked: `  LD [M]  /klass/submission/hello.ko`. */
std::string built_names(std::string_view output) {
    std::set<std::string> names;
    for_each_line(output, [&](std::string_view line) {
        if (line.starts_with("  LD [M]  ") && line.ends_with(".ko") && names.size() < 10)
            names.insert(safe_text(line.substr(line.find_last_of("/ ") + 1)).substr(0, 60));
    });
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "no module" : text;
}

bool has_makefile(const Submission &submission) {
    return std::any_of(submission.files.begin(), submission.files.end(),
                       [](const fs::path &file) { return file == "Kbuild" || file == "Makefile"; });
}

/** Collects the wanted modules; the first that is missing makes the result's error. */
void collect(KbuildResult &result, const ModuleOutputs &modules,
             const std::vector<std::string> &wanted, const std::string &output,
             const SandboxLimits &limits) {
    for (const std::string &name : wanted) {
        const fs::path path = modules.whole(name);
        const Bytes module = read_output(path, limits.file_bytes);
        Bytes image = read_output(modules.loadable(name), largest_module_image + 1);
        if (module.empty())
            result.error = name + ".ko was not built: the Kbuild builds " + built_names(output);
        else if (!is_elf(module) || !is_elf(image))
            result.error = name + ".ko is not a kernel module: it is not an ELF file";
        else if (image.size() > largest_module_image)
            result.error = fmt::format(
                "{}.ko is too large: without debugging information, a module may take {} MiB", name,
                largest_module_image >> 20);
        if (!result.error.empty())
            return;
        result.modules.push_back({.name = name, .path = path, .image = std::move(image)});
    }
    result.ok = true;
}

/** Collects the wanted programs, in the same way. */
void collect_programs(KbuildResult &result, const fs::path &folder, const BuildRequest &request) {
    for (const std::string &name : request.programs) {
        Bytes image = read_output(folder / name, request.limits.file_bytes);
        if (!is_elf(image)) {
            result.ok = false;
            result.error = fmt::format("{0} was not built: `make {0}` left no program", name);
            return;
        }
        result.programs.push_back({.name = name, .image = std::move(image)});
    }
}

/** @param others  a file of symbols that modules built elsewhere export; nothing when empty */
KbuildResult build(const Kernel &kernel, const Submission &submission, const fs::path &folder,
                   const std::vector<std::string> &wanted, const BuildRequest &request,
                   const fs::path &others) {
    KbuildResult result;
    if (!has_makefile(submission)) {
        result.error =
            "the submission has no Kbuild: a file of that name with the line \"obj-m := " +
            (wanted.empty() ? "NAME" : wanted[0]) + ".o\" says what to build";
        return result;
    }
    result.sources = folder / "source";
    fs::create_directory(result.sources);
    // Inside, another user reads it.
    fs::permissions(result.sources, fs::perms(0755));
    submission.copy_to(result.sources);
    const ModuleOutputs modules(folder, wanted);
    for (const std::string &name : wanted)
        prepare_module_of_name(kernel, name);
    SandboxedCommand command = command_for(kernel, result.sources, folder, modules, request);
    if (!others.empty()) {
        command.mounts.push_back({others, symvers_inside});
        command.environment["KBUILD_EXTRA_SYMBOLS"] = symvers_inside;
        command.environment["KBUILD_MODPOST_WARN"] = "1";
    }
    const Outcome outcome = run_in_sandbox(command);
    result.duration = outcome.duration;
    result.output = end_of_output(outcome);
    result.diagnostics = parse_build_output(outcome.output, submission_root);
    if (!outcome.ok()) {
        result.error = failure_of(outcome, result.diagnostics, request.limits);
        return result;
    }
    collect(result, modules, wanted, outcome.output, request.limits);
    if (result.ok)
        collect_programs(result, folder, request);
    const Bytes exported = read_output(folder / symvers_name, most_symvers);
    result.symvers.assign(exported.begin(), exported.end());
    const Bytes commands = read_output(folder / commands_name, most_commands);
    result.commands.assign(commands.begin(), commands.end());
    return result;
}

}  // namespace

KbuildResult build_modules(const Kernel &kernel, const Submission &submission,
                           const fs::path &folder, const std::vector<std::string> &wanted,
                           const BuildRequest &request) {
    return build(kernel, submission, folder, wanted, request, {});
}

KbuildResult build_consumers(const Kernel &kernel, const Submission &sources,
                             const fs::path &folder, const std::vector<std::string> &wanted,
                             const std::string &symvers) {
    const fs::path others = folder / "others.symvers";
    write_file_atomically(others, symvers);
    return build(kernel, sources, folder, wanted, {}, others);
}

}  // namespace klass::kernel
