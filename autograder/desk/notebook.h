// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What Klass remembers of a student's work: bests, the last verdict, hints taken.
 *
 * desk/ is what a student sits at: what is remembered, a workspace for an editor, grading on save.
 * It knows verdicts and how they are shown, and no command line.
 */
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "judge/verdict.h"

namespace klass::desk {

using Time = std::chrono::sys_seconds;

/** The best of all whole gradings of a stage. */
struct Best {
    double score = 0;
    double max_score = 0;
    Time at;
    std::string submission;  ///< its SHA-256
    std::uint64_t seed = 0;
};

/** The last grading of a stage, also of some of its checks only. */
struct LastGrading {
    judge::Outcome outcome = judge::Outcome::failed;
    double score = 0;
    double max_score = 0;
    bool whole = true;  ///< all checks were asked for
    Time at;
    std::string submission;  ///< its SHA-256
    /** Of a build that failed: the first thing that the compiler said, in one line. */
    std::string build_error;
};

/** All that is remembered of one stage. */
struct StageNotes {
    std::filesystem::path folder;  ///< where the student works on it; empty when not begun
    std::uint64_t gradings = 0;
    std::optional<Best> best;
    std::optional<LastGrading> last;
    std::map<std::string, judge::Status> checks;  ///< what each came to when it last ran
    std::map<std::string, std::size_t> hints;     ///< how many of each check's were shown
};

/**
 * Takes a verdict into the notes. A verdict of ours (judge_error) says nothing of the student's
 * work and changes nothing; only a whole grading can be a best.
 * @param whole  all checks of the stage were asked for
 */
void note_verdict(StageNotes &notes, const judge::Verdict &verdict, bool whole, Time now);

/**
 * Whether a folder is a student's own work: what lies in the course's exercises/, solutions/ or
 * among its tests is not, and must not count as somebody's best.
 */
bool is_own_work(const std::filesystem::path &course, const std::filesystem::path &folder);

/**
 * The notes of one user, in FOLDER/progress.json.
 *
 * Safe with several processes at once: a change is made under a lock (FOLDER/lock), and the file is
 * replaced as a whole, so that who is killed half way loses nothing.
 */
class Notebook {
  public:
    /** @param folder  Paths::state; when it is empty, nothing is ever remembered */
    explicit Notebook(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /** @throws UsageError when the file is not one of ours; it is left as it is */
    [[nodiscard]] std::map<std::string, StageNotes> stages() const;
    /** Of one stage; empty notes when there are none. @throws as stages() */
    [[nodiscard]] StageNotes of(const std::string &stage) const;
    /**
     * Changes the notes of a stage.
     * @return the notes as they are now
     * @throws as stages(); GraderFault when the file cannot be written; Interrupted while it waits
     */
    StageNotes change(const std::string &stage,
                      const std::function<void(StageNotes &)> &change) const;

    /** Where the consoles of a stage's failed checks lie; empty when nothing is remembered. */
    [[nodiscard]] std::filesystem::path logs(const std::string &stage) const;

  private:
    [[nodiscard]] std::filesystem::path file() const { return folder_ / "progress.json"; }

    std::filesystem::path folder_;
};

}  // namespace klass::desk
