// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The command line of `klass pose-server`, which two programs know.
 *
 * klass has it for --help, completion and manual pages; klass-pose-server does what it says, and
 * only that one has a network in it.
 */
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>

#include "pose/wire.h"

namespace klass::cli {

/** What was asked for. */
struct PoseServerOptions {
    std::string model;  ///< empty: the course's own
    std::string listen = fmt::format("127.0.0.1:{}", pose::usual_port);
    std::string unix_path;  ///< when not empty, instead of listen
    unsigned threads = 1;
    std::size_t queue = 4;
    std::string metrics;
    std::string show;  ///< empty: serve
    std::string size = "320x180";
    std::string output = "pose.png";
};

/** Adds the options and the footer to a verb or a program. @p options must outlive it. */
void describe_pose_server(CLI::App &verb, PoseServerOptions &options);

}  // namespace klass::cli
