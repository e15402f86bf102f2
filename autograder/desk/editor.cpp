// SPDX-License-Identifier: Apache-2.0
#include "desk/editor.h"

#include <nlohmann/json.hpp>

#include "kernel/compile_commands.h"
#include "kernel/kbuild.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::desk {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view settings_mark = "# Written by klass start";

// clangd is clang, and the kernel was configured for GCC: options that only GCC has would be errors
// in every file. They come from the 6.12 makefiles (Makefile, arch/x86/Makefile,
// scripts/Makefile.kasan).
constexpr std::string_view settings =
    R"(: how clangd reads the code of this folder.
#
# compile_commands.json says how the course's kernel compiles it, with GCC. klass makes that file as
# soon as the kernel is built, and it need not be handed in. clangd is clang: what only GCC knows is
# taken away here.
CompileFlags:
  Remove:
    - --param*
    - asan-*
    - -fallow-store-data-races
    - -fno-allow-store-data-races
    - -fasan-*
    - -fconserve-stack
    - -femit-struct-debug-*
    - -fmin-function-alignment=*
    - -fno-partial-inlining
    - -fplugin*
    - -fsanitize*
    - -ftrivial-auto-var-init*
    - -fzero-init-padding-bits=*
    - -mfentry
    - -mfunction-return=*
    - -mharden-sls=*
    - -mindirect-branch*
    - -mno-fp-ret-in-387
    - -mpreferred-stack-boundary=*
    - -mrecord-mcount
    - -mskip-rax-setup
  Add:
    - -Wno-unknown-warning-option
    - -Wno-ignored-optimization-argument
)";

fs::path commands_of(const fs::path &workspace) {
    return workspace / "compile_commands.json";
}

fs::path place_of(const fs::path &workspace) {
    return fs::weakly_canonical(workspace);
}

/** How a program of the stage is compiled, by what its Makefile has in common with any other. */
nlohmann::ordered_json program_command(const fs::path &workspace, const std::string &file) {
    return {{"directory", workspace.string()},
            {"file", (workspace / file).string()},
            {"arguments", {"g++", "-std=c++20", "-c", file}}};
}

bool is_workspace(const fs::path &folder) {
    std::error_code ignored;
    const fs::path file = folder / ".clangd";
    return fs::is_regular_file(file, ignored) && read_file(file).starts_with(settings_mark);
}

}  // namespace

void write_clangd_settings(const fs::path &workspace) {
    write_file_atomically(workspace / ".clangd",
                          std::string(settings_mark) + std::string(settings));
}

bool wants_commands(const fs::path &workspace, const kernel::Kernel &kernel) {
    if (!is_workspace(workspace))
        return false;
    std::error_code ignored;
    if (!fs::is_regular_file(commands_of(workspace), ignored))
        return true;
    const auto json = nlohmann::json::parse(read_file(commands_of(workspace)), nullptr, false);
    if (!json.is_array() || json.empty() || !json[0].is_object())
        return true;
    const fs::path file =
        fs::path(json[0].value("file", "")).lexically_relative(place_of(workspace));
    return json[0].value("directory", "") != kernel.build.string() || file.empty() ||
           *file.begin() == "..";
}

void write_commands(const fs::path &workspace, const kernel::Kernel &kernel,
                    const judge::Manifest &manifest, const fs::path &course) {
    const TemporaryFolder folder("editor");
    const auto built = kernel::build_modules(
        kernel, kernel::Submission::from_folder(course / "exercises" / manifest.id), folder.path(),
        manifest.modules);
    if (!built.ok)
        throw GraderFault("the skeleton of " + manifest.id + " does not build: " + built.error);
    const fs::path place = place_of(workspace);
    // The modules' commands first: wants_commands() looks at one of them.
    auto commands = kernel::compile_commands(kernel::parse_commands(built.commands), kernel, place);
    for (const std::string &file : manifest.files)
        if (file.ends_with(".cpp"))
            commands.push_back(program_command(place, file));
    write_file_atomically(
        commands_of(workspace),
        commands.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace klass::desk
