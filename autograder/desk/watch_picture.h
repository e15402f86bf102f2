// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The picture of a watch: what is known, in; lines of a terminal, out.
 */
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "judge/manifest.h"
#include "judge/verdict.h"
#include "report/text.h"

namespace klass::desk {

/** A check as the picture shows it. */
struct CheckPicture {
    std::string id;
    std::string title;
    double points = 0;
    std::optional<judge::CheckResult> result;  ///< the last one that is known
    bool fresh = false;                        ///< of the grading that runs or ran last
    bool running = false;
};

/** Where a watch stands. */
enum class Phase { starting, building, checking, waiting };

/** All that the picture is drawn from. */
struct WatchPicture {
    std::string heading;  ///< "04-chardev  A character device"
    std::string folder;
    Phase phase = Phase::starting;
    std::vector<CheckPicture> checks;          ///< in the stage's order
    std::optional<judge::BuildSummary> build;  ///< of the last build that ended
    std::string score;                         ///< of the last verdict: "94 of 100 points"
    judge::Outcome outcome = judge::Outcome::failed;
    std::string when;      ///< of the last verdict: "at 09:24:05, in 4.2 s"
    std::string note;      ///< what became of the last save, where there is no new verdict
    std::string problem;   ///< why nothing can be graded
    std::string progress;  ///< of long work: a kernel that is being built
    std::string hint;      ///< lines
    bool help = false;
};

/** A picture of exactly @p rows lines, none of more columns than there are. */
struct Frame {
    std::vector<std::string> lines;
    std::size_t scroll = 0;  ///< as far as there is something to scroll to
};

/**
 * Draws. Above and below stand lines that stay; what is between them can be scrolled.
 * @param scroll  how many lines of the middle are above it
 */
Frame draw(const WatchPicture &picture, unsigned columns, unsigned rows, std::size_t scroll,
           const report::TextStyle &wished);

/** The first columns of a text with colours in it (console_codes(4)); they are switched off. */
std::string cut_to(std::string_view text, std::size_t columns);

}  // namespace klass::desk
