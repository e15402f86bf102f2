// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Grading as the verbs `grade` and `replay` do it.
 */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "judge/verdict.h"
#include "util/error.h"
#include "vm/accelerator.h"

namespace klass::cli {

/** What was asked for on the command line. */
struct GradeOptions {
    std::string folder;
    std::string stage;
    std::vector<std::string> formats;
    std::vector<std::string> outputs;  ///< one for each format; empty is standard output
    std::string captures;  ///< folder for what went over the network cable; empty for none
    std::string log;       ///< folder for whole consoles; empty for the user's state folder
    std::vector<std::string> checks;
    std::optional<std::uint64_t> seed;
    unsigned jobs = 0;
    bool quiet = false;
    bool preview = true;  ///< while a course kernel is built
    vm::AcceleratorWish accel = vm::AcceleratorWish::automatic;
};

/** What a grading's outcome is to a shell. */
ExitStatus status_of(const judge::Verdict &verdict);

/** Grades, shows what happens, writes the reports. */
ExitStatus grade(const GradeOptions &options);

}  // namespace klass::cli
