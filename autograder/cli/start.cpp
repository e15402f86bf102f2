// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/verb.h"
#include "judge/manifest.h"
#include "util/digest.h"
#include "util/paths.h"

namespace klass::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
    std::string stage;
    std::string folder;
};

ExitStatus start(const Options &options) {
    const Paths paths = Paths::from_environment();
    const std::string id = judge::stage_of(paths.course, ".", options.stage);
    const fs::path from = paths.course / "exercises" / id;
    const auto manifest = judge::Manifest::of_stage(paths.course, id);
    const fs::path folder = options.folder.empty() ? fs::path(id) : fs::path(options.folder);
    if (fs::exists(folder) && (!fs::is_directory(folder) || !fs::is_empty(folder)))
        throw UsageError(fmt::format("{} is there already, and not empty", folder.string()),
                         "name another folder: your work is never overwritten");
    fs::create_directories(folder);
    fs::copy(from, folder, fs::copy_options::recursive);
    // The copy says of which stage it is, whatever its folder is called.
    write_file_atomically(folder / "stage.toml",
                          fmt::format("stage = \"{}\"\n{}", id, read_file(from / "stage.toml")));
    fmt::print("{}: {}\nRead {}, edit {}, and then:\n\n    klass grade {}\n", id, manifest.title,
               (folder / "README.md").string(), fmt::join(manifest.files, ", "), folder.string());
    return ExitStatus::full_marks;
}

}  // namespace

void add_start(CLI::App &app, Action &action) {
    static Options options;
    CLI::App *verb = app.add_subcommand("start", "Begin a stage: a folder with its skeleton");
    verb->add_option("stage", options.stage, "The stage, e.g. 04-chardev")->required();
    verb->add_option("folder", options.folder, "Where (default: a folder of the stage's name)");
    verb->callback([&] { action = [] { return start(options); }; });
}

}  // namespace klass::cli
