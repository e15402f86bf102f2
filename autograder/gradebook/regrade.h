// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Grades again, shows who would move, and then applies all of it or nothing.
 */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gradebook/database.h"
#include "gradebook/records.h"

namespace klass::gradebook {

/** Whom to grade again, and what. */
struct RegradeScope {
    std::string student;              ///< all when empty
    std::vector<std::string> checks;  ///< only these, the rest stays as it was; all when empty
    std::optional<std::uint64_t> seed = {};  ///< in place of those of the first gradings
};

/** A regrade as it stands in the gradebook. */
struct Regrade {
    std::int64_t id = 0;
    std::string stage;
    std::string scope;  ///< for people: "of all", "of ada, check end-of-file"
    std::string state;  ///< open, applied, dropped
    std::int64_t made_at = 0;
    std::size_t hand_ins = 0;
    std::size_t left = 0;  ///< submissions that are still to be graded
};

/** A check that came to something else. */
struct ChangedCheck {
    std::string id;
    std::string before;  ///< "passed", "failed: expected 0, but got -22"
    std::string after;
    double points = 0;  ///< after less before
};

/** What a regrade would change for one hand-in. */
struct Move {
    Student student;
    std::int64_t hand_in = 0;
    judge::Outcome outcome_before = judge::Outcome::judge_error;
    judge::Outcome outcome_after = judge::Outcome::judge_error;
    double before = 0;
    double after = 0;
    std::vector<ChangedCheck> checks;
    bool stays = false;  ///< the grader failed this time: what counted goes on to count
};

/** A regrade whose whole effect can be seen. */
struct Preview {
    Regrade regrade;
    std::vector<Move> moves;     ///< whose points or outcome change, the largest loss first
    std::size_t same = 0;        ///< whose points and outcome do not change
    std::vector<Move> unjudged;  ///< who keep what they have, since the grader failed
};

/**
 * Proposes to grade again what counts in a stage, with the seeds of then. Puts it into the queue;
 * no grade changes. The same proposal, when it is still open, is gone on with.
 * @throws UsageError when there is nothing to grade again
 */
Regrade propose(Database &database, const Terms &terms, const RegradeScope &scope);

/** All regrades, the oldest first. */
std::vector<Regrade> regrades(Database &database);

/** @throws UsageError when there is no such regrade */
Preview preview(Database &database, std::int64_t id);

/**
 * Lets the results of a regrade count: for all in one transaction. Who could not be judged this
 * time keeps what counted.
 * @return how many hand-ins count otherwise now
 * @throws UsageError when it is not open, not graded to its end, or a grade has changed since it
 *         was proposed: then nothing changes
 */
std::size_t apply(Database &database, std::int64_t id);

/** Drops a regrade: nothing changes, but that is remembered. @throws UsageError when not open */
void drop(Database &database, std::int64_t id);

/** Whether single checks of a verdict can be replaced: it was built and judged. */
bool is_mendable(const judge::Verdict &verdict);

/** A verdict in which those checks that @p again has stand as they came out now. */
judge::Verdict mended(const judge::Verdict &before, const judge::Verdict &again);

}  // namespace klass::gradebook
