// SPDX-License-Identifier: Apache-2.0
#include "gradebook/queue.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "gradebook/audit.h"
#include "report/json.h"
#include "util/digest.h"
#include "util/error.h"

namespace klass::gradebook {

namespace {

using Json = nlohmann::ordered_json;

/**
 * When a process began, in clock ticks since boot; empty when there is none of that number
 * (proc(5), /proc/PID/stat, field 22).
 */
std::string beginning_of(const std::string &pid) {
    std::ifstream file("/proc/" + pid + "/stat");
    std::string text;
    std::getline(file, text);
    // The second field is the program's name in parentheses, and may hold blanks and parentheses.
    const auto end = text.rfind(')');
    if (end == std::string::npos)
        return {};
    std::istringstream fields(text.substr(end + 1));
    std::string state;
    std::string field;
    fields >> state;
    // One that is dead and not yet reaped does no work.
    if (state == "Z" || state == "X")
        return {};
    for (int number = 4; number <= 22; ++number)
        fields >> field;
    return field;
}

/** The boot and the PID namespace: where a process number means something. */
std::string this_machine() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string boot;
    std::getline(file, boot);
    std::error_code ignored;
    return boot + " " + std::filesystem::read_symlink("/proc/self/ns/pid", ignored).string();
}

void take_back(SQLite::Database &db) {
    const std::int64_t now = now_in_seconds();
    std::vector<std::string> gone;
    SQLite::Statement owners(db, "SELECT DISTINCT owner FROM job WHERE state = 'leased'");
    while (owners.executeStep())
        if (const auto owner = owners.getColumn(0).getString(); Queue::is_gone(owner))
            gone.push_back(owner);
    const std::string given_back =
        "UPDATE job SET state = 'queued', owner = '', losses = losses + 1, last_failure = "
        "'the process that graded it ended before it was done' WHERE state = 'leased' AND ";
    for (const std::string &owner : gone) {
        SQLite::Statement update(db, given_back + "owner = ?");
        update.bind(1, owner);
        update.exec();
    }
    SQLite::Statement expired(db, given_back + "lease_until < ?");
    expired.bind(1, now);
    expired.exec();
}

bool holds(SQLite::Database &db, const Job &job, const std::string &owner) {
    SQLite::Statement query(
        db, "SELECT 1 FROM job WHERE id = ? AND state = 'leased' AND owner = ? AND fence = ?");
    SQLite::bind(query, job.id, owner, job.fence);
    return query.executeStep();
}

Json let_count(SQLite::Database &db, std::int64_t job, std::int64_t result) {
    Json counts = Json::array();
    SQLite::Statement waiting(db, "SELECT id FROM hand_in WHERE job = ? ORDER BY id");
    waiting.bind(1, job);
    while (waiting.executeStep())
        counts.push_back({waiting.getColumn(0).getInt64(), result});
    SQLite::Statement update(db, "UPDATE hand_in SET result = ? WHERE job = ?");
    SQLite::bind(update, result, job);
    update.exec();
    return counts;
}

}  // namespace

Queue::Queue(Database &database, Terms terms, std::int64_t regrade)
    : database_(database), terms_(std::move(terms)), regrade_(regrade), owner_(this_process()) {}

std::string Queue::this_process() {
    const std::string pid = std::to_string(getpid());
    return fmt::format("{} {} {}", this_machine(), pid, beginning_of(pid));
}

bool Queue::is_gone(const std::string &owner) {
    const std::string here = this_machine() + " ";
    if (!owner.starts_with(here))
        return false;  // Of another machine only the lease's end is known.
    std::istringstream rest(owner.substr(here.size()));
    std::string pid;
    std::string beginning;
    rest >> pid >> beginning;
    return beginning_of(pid) != beginning;
}

std::optional<Job> Queue::claim() {
    return database_.write([&](SQLite::Database &db) -> std::optional<Job> {
        take_back(db);
        SQLite::Statement next(
            db,
            "SELECT id, submission, checks, seed, COALESCE(regrade, 0), COALESCE(before, 0), "
            "fence, failures, losses, last_failure FROM job WHERE state = 'queued' AND stage = ? "
            "AND kernel_key = ? AND "
            "checks_digest = ? AND (regrade IS NULL OR regrade = ?) "
            "ORDER BY regrade IS NOT NULL, failures + losses, id LIMIT 1");
        SQLite::bind(next, terms_.stage, terms_.kernel_key, terms_.checks_digest, regrade_);
        if (!next.executeStep())
            return std::nullopt;
        Job job{.id = next.getColumn(0).getInt64(),
                .submission = next.getColumn(1).getString(),
                .checks = Json::parse(next.getColumn(2).getString()),
                .seed = static_cast<std::uint64_t>(next.getColumn(3).getInt64()),
                .regrade = next.getColumn(4).getInt64(),
                .before = next.getColumn(5).getInt64(),
                .fence = next.getColumn(6).getInt64() + 1,
                .failures = next.getColumn(7).getInt64(),
                .losses = next.getColumn(8).getInt64(),
                .last_failure = next.getColumn(9).getString()};
        SQLite::Statement hold(
            db,
            "UPDATE job SET state = 'leased', owner = ?, fence = ?, lease_until = ? WHERE id = ?");
        SQLite::bind(hold, owner_, job.fence, now_in_seconds() + lease.count(), job.id);
        hold.exec();
        return job;
    });
}

void Queue::renew() {
    database_.write([&](SQLite::Database &db) {
        SQLite::Statement update(
            db, "UPDATE job SET lease_until = ? WHERE state = 'leased' AND owner = ?");
        SQLite::bind(update, now_in_seconds() + lease.count(), owner_);
        update.exec();
    });
}

bool Queue::record(const Job &job, const judge::Verdict &verdict, const std::string &report) {
    return database_.write([&](SQLite::Database &db) {
        if (!holds(db, job, owner_))
            return false;
        SQLite::Statement insert(
            db,
            "INSERT INTO result (job, stage, submission, kernel_key, checks_digest, seed, outcome, "
            "score, max_score, duration_ms, tries, graded_at, report) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        SQLite::bind(insert, job.id, terms_.stage, job.submission, terms_.kernel_key,
                     terms_.checks_digest, static_cast<std::int64_t>(job.seed),
                     judge::to_string(verdict.outcome), verdict.score, verdict.max_score,
                     static_cast<std::int64_t>(verdict.duration.count()),
                     job.failures + job.losses + 1, now_in_seconds(), report);
        insert.exec();
        const std::int64_t result = db.getLastInsertRowid();
        SQLite::Statement done(db, "UPDATE job SET state = 'done', owner = '' WHERE id = ?");
        done.bind(1, job.id);
        done.exec();
        Json detail{{"result", result}, {"job", job.id}, {"report", sha256(report)}};
        if (job.regrade != 0)
            detail["regrade"] = job.regrade;
        else
            detail["counts"] = let_count(db, job.id, result);
        append_audit(db, "graded", detail);
        return true;
    });
}

void Queue::fail(const Job &job, const std::string &why) {
    database_.write([&](SQLite::Database &db) {
        SQLite::Statement update(
            db,
            "UPDATE job SET state = 'queued', owner = '', failures = failures + 1, "
            "last_failure = ? WHERE id = ? AND state = 'leased' AND owner = ? AND fence = ?");
        SQLite::bind(update, why, job.id, owner_, job.fence);
        update.exec();
    });
}

void Queue::release(const Job &job) {
    database_.write([&](SQLite::Database &db) {
        SQLite::Statement update(
            db,
            "UPDATE job SET state = 'queued', owner = '' WHERE id = ? AND state = 'leased' AND "
            "owner = ? AND fence = ?");
        SQLite::bind(update, job.id, owner_, job.fence);
        update.exec();
    });
}

void Queue::forgive(const Job &job) {
    database_.write([&](SQLite::Database &db) {
        SQLite::Statement update(db,
                                 "UPDATE job SET failures = failures - 1 WHERE id = ? AND state = "
                                 "'queued' AND failures > 0");
        update.bind(1, job.id);
        update.exec();
    });
}

QueueState Queue::state() {
    return database_.read([&](SQLite::Database &db) {
        SQLite::Statement query(
            db,
            "SELECT SUM(state <> 'done'), SUM(state = 'done') FROM job WHERE stage = ? AND "
            "kernel_key = ? AND checks_digest = ? AND COALESCE(regrade, 0) IN (0, ?)");
        SQLite::bind(query, terms_.stage, terms_.kernel_key, terms_.checks_digest, regrade_);
        query.executeStep();
        return QueueState{.left = static_cast<std::size_t>(query.getColumn(0).getInt64()),
                          .done = static_cast<std::size_t>(query.getColumn(1).getInt64())};
    });
}

}  // namespace klass::gradebook
