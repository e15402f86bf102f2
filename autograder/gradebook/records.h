// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Students, what they handed in, and what counts of it.
 */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gradebook/database.h"
#include "intake/roster.h"
#include "judge/verdict.h"

namespace klass::gradebook {

using intake::Student;

/** Which of several hand-ins of one student counts. */
enum class Take {
    latest,  ///< the one that was handed in last; no other is graded
    best     ///< the one with the most points; all are graded
};

const char *to_string(Take take);
/** @throws UsageError when there is no such rule */
Take take_from(std::string_view name);

/** By what a submission is graded: another kernel or other checks are another grading. */
struct Terms {
    std::string stage;
    std::string kernel_key;
    std::string checks_digest;        ///< over the manifest, the chosen checks and Klass' version
    std::vector<std::string> checks;  ///< the chosen ones; empty for all

    bool operator==(const Terms &) const = default;
};

/** Something that a student handed in. */
struct HandInRecord {
    std::string student;
    std::string origin;
    std::int64_t handed_in_at = 0;
    std::string submission;  ///< its SHA-256; empty when there is a finding
    std::string finding;
};

/** What a grading came to, without its report. */
struct ResultRecord {
    std::int64_t id = 0;
    judge::Outcome outcome = judge::Outcome::judge_error;
    double score = 0;
    double max_score = 0;
    std::uint64_t seed = 0;
    std::string kernel_key;
    std::string checks_digest;
    std::int64_t duration_ms = 0;
    std::int64_t graded_at = 0;
    std::int64_t tries = 1;

    [[nodiscard]] bool judged() const { return outcome != judge::Outcome::judge_error; }
};

/** What stands in the gradebook of one student and one stage. */
struct Entry {
    Student student;
    std::string stage;
    std::size_t hand_ins = 0;
    std::int64_t hand_in_id = 0;          ///< of the one that counts
    std::optional<HandInRecord> hand_in;  ///< the one that counts; nothing when there is none
    std::optional<ResultRecord> result;   ///< nothing when it was not graded

    /** Whether there are points to be given. */
    [[nodiscard]] bool has_points() const { return result && result->judged(); }
};

/** Which entries are wanted. */
struct Filter {
    std::string stage;    ///< all when empty
    std::string student;  ///< all when empty
    std::string failed;   ///< a check that lost points; all when empty
};

/**
 * Notes the students of a roster in its order; who is no longer on it stays, but not on the roster.
 */
void put_roster(Database &database, const std::vector<Student> &students);

/**
 * Notes what a student handed in; the student too, when new. Does nothing when it is known.
 * @param source  of the submission, as intake::pack() makes it; empty for a finding
 * @return whether it was new
 */
bool put_hand_in(Database &database, const std::string &stage, const HandInRecord &hand_in,
                 std::string_view source);

/** What a choice came to. */
struct Choice {
    std::size_t students = 0;
    std::size_t hand_ins = 0;        ///< all that there are
    std::size_t findings = 0;        ///< that count, and cannot be graded
    std::size_t graded = 0;          ///< were graded before
    std::size_t by_other_terms = 0;  ///< of those, by another kernel or other checks
    std::size_t queued = 0;          ///< different submissions that are to be graded now
};

/**
 * Lets @p take be the rule of the stage, and puts into the queue what counts by it and has no
 * result. The same files are queued once, whoever handed them in.
 * @param seed   of those that are queued anew
 * @param retry  whether what could not be judged is tried again
 */
Choice choose(Database &database, Take take, const Terms &terms, std::uint64_t seed, bool retry);

/** The rule of a stage. */
Take rule_of(Database &database, const std::string &stage);

/** Stages that anything was handed in for, sorted. */
std::vector<std::string> stages_in(Database &database);

/**
 * One entry for each student and stage, by the roster's order, then by id. Who is on the roster and
 * handed in nothing has an entry too.
 */
std::vector<Entry> entries(Database &database, const Filter &filter);

/** @throws UsageError when nothing was handed in for the stage, or there is no such student */
void require_known(Database &database, const Filter &filter);

/** A result's whole report. */
judge::Verdict verdict_of(Database &database, std::int64_t result);

/** The files of a submission, as intake::pack() made them. */
std::string source_of(Database &database, const std::string &submission);

}  // namespace klass::gradebook
