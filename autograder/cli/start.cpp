// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "cli/verb.h"
#include "desk/editor.h"
#include "desk/notebook.h"
#include "desk/workspace.h"
#include "judge/manifest.h"
#include "util/paths.h"
#include "util/progress.h"

namespace klass::cli {

namespace {

namespace fs = std::filesystem;

struct StartOptions {
    std::string stage;
    std::string folder;
};

std::string words_of(desk::VersionControl control) {
    switch (control) {
        case desk::VersionControl::made:
            return "a git repository with a first commit: git diff shows what you changed";
        case desk::VersionControl::around:
            return "in the git repository that is there already";
        case desk::VersionControl::no_git:
            return "none, as git is not installed";
        case desk::VersionControl::failed:
            break;
    }
    return "none: git did not make a repository; try git init yourself";
}

/** Makes the compiler's commands for the editor, if the kernel is there; says how it stands. */
std::string prepare_editor(const Paths &paths, const judge::Manifest &manifest,
                           const fs::path &folder) {
    if (!fs::exists(folder / ".clangd"))
        return {};
    const auto progress = silent_progress();
    try {
        const auto kernel = kernel::KernelStore(paths, *progress).find(manifest.machine.flavour);
        if (!kernel)
            return "one with clangd will understand kernel code after the first grading";
        desk::write_commands(folder, *kernel, manifest, paths.course);
        return "one with clangd understands kernel code here";
    } catch (const GraderFault &fault) {
        return fmt::format("clangd is not set up: {}", fault.what());
    }
}

ExitStatus start(const StartOptions &options) {
    const Paths paths = Paths::from_environment();
    const std::string id = judge::stage_of(paths.course, ".", options.stage);
    const auto manifest = judge::Manifest::of_stage(paths.course, id);
    const fs::path folder = options.folder.empty() ? fs::path(id) : fs::path(options.folder);
    const auto control = desk::make_workspace(paths.course, manifest, folder);
    const std::string editor = prepare_editor(paths, manifest, folder);
    desk::Notebook(paths.state).change(id, [&](desk::StageNotes &notes) {
        notes.folder = fs::weakly_canonical(folder);
    });
    fmt::print("{}: {}\n", id, manifest.title);
    fmt::print("  versions  {}\n", words_of(control));
    if (!editor.empty())
        fmt::print("  editor    {}\n", editor);
    fmt::print(
        "Read {}, which says what to edit, and then:\n\n"
        "    klass grade {}\n"
        "    klass watch {}      grades again whenever you save\n",
        (folder / "README.md").string(), folder.string(), folder.string());
    return ExitStatus::full_marks;
}

}  // namespace

void add_start(CLI::App &app, Action &action) {
    static StartOptions options;
    CLI::App *verb = app.add_subcommand(
        "start", "Begin a stage: a folder with its skeleton, for git and your editor");
    verb->add_option("stage", options.stage, "The stage, e.g. 04-chardev")->required();
    verb->add_option("folder", options.folder, "Where (default: a folder of the stage's name)");
    verb->callback([&] { action = [] { return start(options); }; });
}

}  // namespace klass::cli
