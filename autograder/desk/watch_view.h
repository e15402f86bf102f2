// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What a student sees of a watch: one interface, a calm screen and plain lines behind it.
 */
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "desk/meaning.h"
#include "judge/manifest.h"
#include "judge/verdict.h"
#include "report/text.h"
#include "util/progress.h"

namespace klass::desk {

/** What a key asks the watch to do; what only moves the picture stays in the view. */
enum class Wish { quit, grade, hint };

/**
 * Is told of all that happens. Calls may come from several threads.
 *
 * It is long work's Progress, too: a kernel that has to be built first is a line of the view.
 */
class WatchView : public Progress {
  public:
    /** A grading begins: of a save, or because it was asked for. */
    virtual void grading_began() = 0;
    virtual void built(const judge::BuildSummary &build) = 0;
    virtual void check_started(const judge::CheckInfo &check) = 0;
    virtual void check_finished(const judge::CheckResult &check) = 0;
    virtual void grading_ended(const judge::Verdict &verdict) = 0;
    /** A save that is not graded. */
    virtual void nothing_new(Change change) = 0;
    /** A save came in between: the grading was given up, a new one follows. */
    virtual void grading_stopped() = 0;
    /** Nothing can be graded just now, and why. */
    virtual void problem(std::string_view text) = 0;
    virtual void hint(const judge::CheckInfo *check, std::string_view text) = 0;

    /** Readable when there are keys or the size has changed; -1 where there are none. */
    [[nodiscard]] virtual std::vector<int> inputs() const { return {}; }
    /** Reads the keys that were pressed, and draws what has changed. */
    virtual std::vector<Wish> attend() { return {}; }
};

/** What the view says of the stage that is watched. */
struct Watched {
    judge::Manifest manifest;
    std::string folder;
};

/** Plain lines, for a pipe, a file, or a terminal that can do no more. */
std::unique_ptr<WatchView> plain_watch_view(int fd, Watched watched,
                                            const report::TextStyle &style);

/** The whole screen of a terminal: keys from @p in, the picture to @p out. */
std::unique_ptr<WatchView> screen_watch_view(int in, int out, const Watched &watched,
                                             const report::TextStyle &style);

}  // namespace klass::desk
