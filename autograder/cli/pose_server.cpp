// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "cli/pose_server_options.h"
#include "cli/verb.h"
#include "util/exec_strings.h"
#include "util/paths.h"

namespace klass::cli {

namespace {

/** The words that say what a verb was asked for; each of its options has a value. */
std::vector<std::string> words_of(const CLI::App &verb) {
    std::vector<std::string> words;
    for (const CLI::Option *option : verb.get_options())
        for (const std::string &value : option->results()) {
            words.push_back("--" + option->get_lnames().front());
            words.push_back(value);
        }
    return words;
}

/** This process becomes the server: who signals it reaches the server, and nothing lies between. */
ExitStatus become_pose_server(std::vector<std::string> words) {
    const std::filesystem::path program = program_beside_this("klass-pose-server");
    words.insert(words.begin(), "klass pose-server");
    ExecStrings argv(std::move(words));
    ExecStrings environment(environment_with({}));
    execve(program.c_str(), argv.get(), environment.get());
    if (errno == ENOENT)
        throw UsageError("this Klass was built without its pose server, which needs OpenCV",
                         "`./klass pose-server` in a checkout installs OpenCV and builds it");
    throw GraderFault("cannot start " + program.string() + ": " + errno_text(errno));
}

}  // namespace

void add_pose_server(CLI::App &app, Action &action) {
    static PoseServerOptions options;
    CLI::App *verb = app.add_subcommand(
        "pose-server", "Find people in a camera's frames: the other end of stage 07's connection");
    describe_pose_server(*verb, options);
    verb->callback(
        [&, verb] { action = [words = words_of(*verb)] { return become_pose_server(words); }; });
}

}  // namespace klass::cli
