// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What is still to be graded: claimed by a lease, recorded once.
 *
 * A queue that forgets work when it hands it out loses it with the worker. Here work stays where it
 * is, and a worker gets a lease on it with a number, the fencing token. What the lease's holder
 * records is taken only while that number is the job's: a worker that was thought dead, and wakes
 * up, is not heard.
 */
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "gradebook/database.h"
#include "gradebook/records.h"

namespace klass::gradebook {

/** Work, and the lease on it. */
struct Job {
    std::int64_t id = 0;
    std::string submission;  ///< SHA-256
    std::vector<std::string> checks;
    std::uint64_t seed = 0;
    std::int64_t regrade = 0;  ///< 0 for a live one
    std::int64_t before = 0;   ///< of a regrade: the result that is looked at again
    std::int64_t fence = 0;
    std::int64_t failures = 0;  ///< before this try
    std::int64_t losses = 0;
    std::string last_failure;
};

/** How often a submission is tried. */
struct Patience {
    std::int64_t failures = 3;  ///< that the grader failed with it
    /**
     * That the whole process ended while it was graded. More, since power cuts and those who kill a
     * batch hit whatever is being graded.
     */
    std::int64_t losses = 10;
};

/** How far a stage's queue is. */
struct QueueState {
    std::size_t left = 0;  ///< queued or leased
    std::size_t done = 0;
};

/** The queue of one process. */
class Queue {
  public:
    /** @param regrade  0 to take live work alone; else that regrade's, after live work */
    Queue(Database &database, Terms terms, std::int64_t regrade = 0);

    /**
     * A lease on the next job: live ones before regrades, then those with the fewest tries behind
     * them. Beforehand, leases that ran out and those of processes that are gone are taken back.
     */
    std::optional<Job> claim();

    /** Makes all leases of this process last on. Call it more often than a lease lasts. */
    void renew();

    /**
     * Records what the grading came to, and lets it count for all who handed in those files.
     * @param report  the JSON report
     * @return false when the lease is no longer ours; then nothing is recorded
     */
    bool record(const Job &job, const judge::Verdict &verdict, const std::string &report);

    /** Gives a job back whose grading failed; it is tried again after the others. */
    void fail(const Job &job, const std::string &why);

    /** Gives a job back that was not tried to its end, since we were asked to stop. */
    void release(const Job &job);

    /** Takes back one failure of a job that waits: it was not the submission's. */
    void forgive(const Job &job);

    [[nodiscard]] QueueState state();

    static constexpr std::chrono::seconds lease{120};

    /** This process' name in leases: the machine's boot, the process and when it began. */
    static std::string this_process();
    /** Whether the process of that name is known to be gone. */
    static bool is_gone(const std::string &owner);

  private:
    Database &database_;
    Terms terms_;
    std::int64_t regrade_;
    std::string owner_;
};

}  // namespace klass::gradebook
