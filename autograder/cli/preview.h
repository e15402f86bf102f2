// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What `grade` shows while a course kernel is built.
 */
#pragma once

#include "judge/judge.h"
#include "report/text.h"
#include "util/paths.h"
#include "util/progress.h"

namespace klass::cli {

/**
 * Puts the course kernels that a grading needs into the cache, if they are not there; meanwhile
 * shows on standard output what Debian's own kernel can show of the submission. Without a network,
 * or when no check can run there, it only builds.
 * @throws GraderFault as KernelStore::obtain() does; Interrupted
 */
void preview_while_building(judge::Judge &judge, const judge::GradeRequest &request,
                            const Paths &paths, Progress &progress, const report::TextStyle &style);

}  // namespace klass::cli
