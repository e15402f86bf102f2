// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Works off a queue with several workers of this process.
 *
 * executor/ says where and when gradings run. It must never know how a submission is judged, nor
 * what a result looks like to people.
 */
#pragma once

#include <functional>
#include <string>

#include "gradebook/queue.h"
#include "judge/verdict.h"
#include "util/progress.h"

namespace klass::executor {

/** What the workers are to do. */
struct Work {
    /** Grades the files of one submission. Called by several threads at once. */
    std::function<judge::Verdict(const gradebook::Job &job, const std::string &source)> grade;
    /** The verdict on one that is given up, and why. */
    std::function<judge::Verdict(const gradebook::Job &job, const std::string &why)> give_up;
    unsigned workers = 1;
    gradebook::Patience patience;
    /**
     * So many different submissions one after another that could not be judged, and none that
     * could: then this machine is at fault and not they, and the work stops.
     */
    std::size_t most_in_a_row = 8;
    std::string phase = "Grading";  ///< for the progress
};

/** What came of it. */
struct WorkDone {
    std::size_t graded = 0;    ///< by this process, judge errors among them
    std::size_t given_up = 0;  ///< of those: recorded as judge errors
};

/**
 * Grades until nothing is left in the queue, neither here nor with another process. One that fails
 * goes to the queue's end, and is given up when patience ends.
 * @throws GraderFault when the gradebook cannot be written to, or too many fail in a row: what was
 *         graded is kept, and no failure of the last ones is held against them; Interrupted on
 *         Ctrl-C: what was begun is given back
 */
WorkDone work_off(gradebook::Database &database, gradebook::Queue &queue, const Work &work,
                  Progress &progress);

}  // namespace klass::executor
