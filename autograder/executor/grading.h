// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Gradings of a queue's jobs by one Judge on this machine.
 */
#pragma once

#include <string>
#include <vector>

#include "executor/work_off.h"
#include "gradebook/records.h"
#include "judge/judge.h"

namespace klass::executor {

/**
 * The terms of a grading here and now; makes the kernels and snapshots that it needs, so that all
 * workers find them.
 * @param version  of Klass: other checks come with another version
 * @param checks   the chosen ones; empty for all
 */
gradebook::Terms prepare(judge::Lab &lab, judge::Judge &judge, const std::string &version,
                         const std::vector<std::string> &checks);

/**
 * The work that grades by @p judge, which it needs while it lasts. Several submissions are graded
 * at once, and the checks of each one after another: then a build of one and the checks of another
 * share the processors, and none waits for the longest check of one submission.
 * @param jobs  submissions at once; 0 for as many as there are processors
 */
Work work_by(gradebook::Database &database, judge::Judge &judge, unsigned jobs);

}  // namespace klass::executor
