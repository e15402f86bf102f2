// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Grades a folder again whenever something in it is saved.
 */
#pragma once

#include <filesystem>
#include <functional>

#include "desk/notebook.h"
#include "desk/watch_view.h"
#include "judge/judge.h"

namespace klass::desk {

/** What is watched. */
struct WatchRequest {
    std::filesystem::path folder;
    std::uint64_t seed = 0;  ///< of all gradings, until the student asks for another
    unsigned jobs = 0;
    /** Called with each verdict before the view is told of it; may add to it where the logs are. */
    std::function<void(judge::Verdict &)> graded;
};

/**
 * Watches until the student quits.
 *
 * Several saves in a row are one. Files that are those of the last grading are not graded again,
 * nor are modules that are, byte for byte, those of the last grading: only comments changed. First
 * come the checks that failed last time. A save during a grading stops it, and begins a new one.
 *
 * @param notebook  knows which checks failed before, and which hints were taken
 * @throws Interrupted on a signal; GraderFault when the folder cannot be watched
 */
void watch(judge::Judge &judge, const WatchRequest &request, const Notebook &notebook,
           WatchView &view);

}  // namespace klass::desk
