// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Who reads a report, and what of it they may see.
 *
 * report/ turns a verdict into bytes. It knows formats and nothing of how the verdict came about:
 * no virtual machine, no guest, no stage.
 */
#pragma once

#include "judge/verdict.h"

namespace klass::report {

/**
 * The verdict as a student may see it: of a hidden check only title, status, points, duration and
 * replay remain. Every format for students prints this; a gradebook keeps the whole.
 */
judge::Verdict for_student(judge::Verdict verdict);

}  // namespace klass::report
