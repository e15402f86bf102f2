// SPDX-License-Identifier: Apache-2.0
#include "desk/workspace.h"

#include <fmt/format.h>

#include <algorithm>

#include "desk/editor.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/subprocess.h"

namespace klass::desk {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view ignored_files = R"(# What the kernel's build leaves behind
*.o
*.ko
*.a
*.mod
*.mod.c
.*.cmd
.*.d
.tmp_versions/
Module.symvers
modules.order

# What belongs to one machine
compile_commands.json
.cache/
)";

/** The text of .gitignore. */
std::string ignored_by_git(const judge::Manifest &manifest) {
    std::string text(ignored_files);
    if (!manifest.programs.empty())
        text += "\n# What make builds for the guest\n";
    for (const std::string &program : manifest.programs)
        text += "/" + program + "\n";
    return text;
}

bool has_c(const judge::Manifest &manifest) {
    return std::any_of(manifest.files.begin(), manifest.files.end(),
                       [](const std::string &file) { return file.ends_with(".c"); });
}

/** git in a folder, whatever repository the caller's environment names (a hook's does). */
Outcome git(const fs::path &folder, const std::vector<std::string> &words) {
    std::vector<std::string> argv{
        "env", "-u", "GIT_DIR",      "-u", "GIT_WORK_TREE", "-u", "GIT_INDEX_FILE",
        "git", "-C", folder.string()};
    argv.insert(argv.end(), words.begin(), words.end());
    return run(
        {.argv = argv, .environment = {{"LC_ALL", "C"}}, .timeout = std::chrono::minutes{1}});
}

VersionControl put_under_git(const fs::path &folder, const std::string &stage) {
    if (find_program("git").empty())
        return VersionControl::no_git;
    if (git(folder, {"rev-parse", "--is-inside-work-tree"}).ok())
        return VersionControl::around;
    // The skeleton is not the student's work, so it is not committed in their name; and git asks
    // for a name that may not have been configured yet.
    const std::vector<std::vector<std::string>> steps{
        {"init", "--quiet", "--initial-branch=main"},
        {"add", "--all"},
        {"-c", "user.name=Klass", "-c", "user.email=klass@localhost", "-c", "commit.gpgsign=false",
         "-c", "core.hooksPath=/dev/null", "commit", "--quiet", "-m",
         fmt::format("The skeleton of {}", stage)}};
    const bool done = std::all_of(steps.begin(), steps.end(),
                                  [&](const auto &step) { return git(folder, step).ok(); });
    return done ? VersionControl::made : VersionControl::failed;
}

}  // namespace

VersionControl make_workspace(const fs::path &course, const judge::Manifest &manifest,
                              const fs::path &folder) {
    if (fs::exists(folder) && (!fs::is_directory(folder) || !fs::is_empty(folder)))
        throw UsageError(fmt::format("{} is there already, and not empty", folder.string()),
                         "name another folder: your work is never overwritten");
    const fs::path from = course / "exercises" / manifest.id;
    std::error_code error;
    fs::create_directories(folder, error);
    if (!error)
        fs::copy(from, folder, fs::copy_options::recursive, error);
    if (error)
        throw UsageError(
            fmt::format("cannot make the folder {}: {}", folder.string(), error.message()));
    // The copy says of which stage it is, whatever its folder is called.
    write_file_atomically(folder / "stage.toml", fmt::format("stage = \"{}\"\n{}", manifest.id,
                                                             read_file(from / "stage.toml")));
    write_file_atomically(folder / ".gitignore", ignored_by_git(manifest));
    if (has_c(manifest))
        write_clangd_settings(folder);
    return put_under_git(folder, manifest.id);
}

}  // namespace klass::desk
