// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Where a student stands: in the course, in a stage, and what comes next.
 */
#pragma once

#include <span>
#include <string>
#include <vector>

#include "desk/notebook.h"
#include "judge/manifest.h"
#include "report/text.h"

namespace klass::desk {

/** A stage and what is remembered of it. */
struct Standing {
    judge::Manifest manifest;
    StageNotes notes;
};

/** What to do next about a stage. */
enum class Step {
    start,       ///< it was not begun
    grade,       ///< begun, and never graded as a whole
    mend_build,  ///< what was graded last did not build
    mend,        ///< checks are open
    done         ///< a whole grading got full marks
};

Step next_step(const Standing &standing);

/** The checks that are not known to pass, in the stage's order. */
std::vector<const judge::CheckInfo *> open_checks(const Standing &standing);

/**
 * The check that a student wants a hint for who names none: the first that ran and did not pass.
 * Null when there is none. Hidden checks have no hints.
 */
const judge::CheckInfo *check_to_mend(const Standing &standing);

/** Hints taken of all checks of a stage. */
std::size_t hints_taken(const StageNotes &notes);

/** `klass list`: a line a stage, and the next thing to do. */
std::string list_text(std::span<const Standing> course, const report::TextStyle &style);

/**
 * `klass status STAGE`.
 * @param changed  the files in the folder are no longer those that were graded last
 */
std::string status_text(const Standing &standing, bool changed, Time now,
                        const report::TextStyle &style);

}  // namespace klass::desk
