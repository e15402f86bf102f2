// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The list of stages that have checks.
 *
 * stages/ holds the checks of each stage and nothing else: a file for each stage, and a folder
 * besides where a file would be about too much.
 * A stage knows the judge's vocabulary; nothing else knows a stage.
 */
#pragma once

#include <string_view>
#include <vector>

#include "judge/stage.h"

namespace klass::stages {

judge::Stage kernel_build();
judge::Stage e1000_remove();
judge::Stage hello_module();
judge::Stage chardev();
judge::Stage completion();
judge::Stage mymem();
judge::Stage camera_offload();

/** Every stage, in the course's order. */
const std::vector<judge::Stage> &all();

/** @throws UsageError when no stage of this id has checks; names those that have. */
const judge::Stage &find(std::string_view id);

}  // namespace klass::stages
