// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What `grade` and `watch` leave behind for the student: notes, logs, the editor's files.
 */
#pragma once

#include "judge/lab.h"
#include "judge/manifest.h"
#include "judge/verdict.h"
#include "util/progress.h"

namespace klass::cli {

/**
 * Takes a verdict on a student's own work into the notebook, keeps the consoles of the checks that
 * did not pass, and sets up the editor where its
 * workspace was made before there was a kernel. What goes wrong is said and fails nothing: the
 * grading was well.
 * @param whole  all checks were asked for
 */
void remember(judge::Lab &lab, const judge::Manifest &manifest, judge::Verdict &verdict, bool whole,
              Progress &progress);

}  // namespace klass::cli
