// SPDX-License-Identifier: Apache-2.0
#include "gradebook/regrade.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "gradebook/audit.h"
#include "report/phrases.h"
#include "util/error.h"

namespace klass::gradebook {

namespace {

using Json = nlohmann::ordered_json;
using judge::CheckResult;
using judge::Verdict;

constexpr const char *judge_error = "judge_error";

std::string scope_text(const RegradeScope &scope) {
    std::string text = "of " + (scope.student.empty() ? std::string("all") : scope.student);
    if (!scope.checks.empty())
        text += fmt::format(", check{} {}", scope.checks.size() == 1 ? "" : "s",
                            fmt::join(scope.checks, ", "));
    if (scope.seed)
        text += fmt::format(", seed {}", *scope.seed);
    return text;
}

constexpr const char *regrade_columns =
    "SELECT g.id, g.stage, g.scope, g.state, g.made_at, "
    "(SELECT COUNT(*) FROM regrade_hand_in h WHERE h.regrade = g.id), "
    "(SELECT COUNT(*) FROM job j WHERE j.regrade = g.id AND j.state <> 'done') FROM regrade g ";

Regrade regrade_of(SQLite::Statement &query) {
    return {.id = query.getColumn(0).getInt64(),
            .stage = query.getColumn(1).getString(),
            .scope = query.getColumn(2).getString(),
            .state = query.getColumn(3).getString(),
            .made_at = query.getColumn(4).getInt64(),
            .hand_ins = static_cast<std::size_t>(query.getColumn(5).getInt64()),
            .left = static_cast<std::size_t>(query.getColumn(6).getInt64())};
}

Regrade read_regrade(SQLite::Database &db, std::int64_t id) {
    SQLite::Statement query(db, std::string(regrade_columns) + "WHERE g.id = ?");
    query.bind(1, id);
    if (!query.executeStep())
        throw UsageError(fmt::format("there is no regrade {}", id),
                         "`klass regrade --list` names those that there are");
    return regrade_of(query);
}

/** Reads one that is open. */
Regrade open_regrade(SQLite::Database &db, std::int64_t id) {
    Regrade regrade = read_regrade(db, id);
    if (regrade.state != "open")
        throw UsageError(fmt::format("regrade {} was {} already", id, regrade.state),
                         "a new `klass regrade` looks at what counts now");
    return regrade;
}

/** The checks that the grading of a result was of, as JSON. */
std::string checks_of(SQLite::Database &db, std::int64_t result) {
    SQLite::Statement query(
        db, "SELECT j.checks FROM result r JOIN job j ON j.id = r.job WHERE r.id = ?");
    query.bind(1, result);
    query.executeStep();
    return query.getColumn(0).getString();
}

void add_to(SQLite::Database &db, const Regrade &regrade, const Terms &terms,
            const RegradeScope &scope, const Entry &entry) {
    const std::int64_t before = entry.result->id;
    SQLite::Statement job(
        db,
        "INSERT INTO job (stage, submission, kernel_key, checks_digest, checks, seed, round, "
        "regrade, before, state, owner, fence, lease_until, failures, losses, last_failure) "
        "VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, 'queued', '', 0, 0, 0, 0, '') ON CONFLICT DO NOTHING");
    SQLite::bind(job, terms.stage, entry.hand_in->submission, terms.kernel_key, terms.checks_digest,
                 scope.checks.empty() ? checks_of(db, before) : Json(scope.checks).dump(),
                 static_cast<std::int64_t>(scope.seed.value_or(entry.result->seed)), regrade.id,
                 before);
    job.exec();
    SQLite::Statement member(db,
                             "INSERT INTO regrade_hand_in (regrade, hand_in, before, job) "
                             "SELECT ?1, ?2, ?3, id FROM job WHERE regrade = ?1 AND before = ?3");
    SQLite::bind(member, regrade.id, entry.hand_in_id, before);
    member.exec();
}

std::string came_to(const CheckResult *check) {
    if (check == nullptr)
        return "not there";
    const std::string finding = report::finding(*check);
    return finding.empty() ? judge::to_string(check->status)
                           : fmt::format("{}: {}", judge::to_string(check->status), finding);
}

const CheckResult *find(const Verdict &verdict, const std::string &id) {
    const auto found = std::find_if(verdict.checks.begin(), verdict.checks.end(),
                                    [&](const CheckResult &check) { return check.id == id; });
    return found == verdict.checks.end() ? nullptr : &*found;
}

std::vector<ChangedCheck> changes(const Verdict &before, const Verdict &after) {
    std::vector<std::string> ids;
    for (const CheckResult &check : before.checks)
        ids.push_back(check.id);
    for (const CheckResult &check : after.checks)
        if (find(before, check.id) == nullptr)
            ids.push_back(check.id);
    std::vector<ChangedCheck> changed;
    for (const std::string &id : ids) {
        const CheckResult *old = find(before, id);
        const CheckResult *now = find(after, id);
        const double points = (now != nullptr ? now->score : 0) - (old != nullptr ? old->score : 0);
        if (old == nullptr || now == nullptr || old->status != now->status || points != 0)
            changed.push_back(
                {.id = id, .before = came_to(old), .after = came_to(now), .points = points});
    }
    return changed;
}

/** A member of a regrade with what it came to. */
struct Member {
    std::int64_t hand_in = 0;
    std::string student;
    std::int64_t counts = 0;  ///< the result that counts now
    std::int64_t before = 0;
    std::int64_t after = 0;
    std::string outcome;  ///< of after
};

std::vector<Member> members_of(SQLite::Database &db, std::int64_t regrade) {
    SQLite::Statement query(
        db,
        "SELECT m.hand_in, h.student, COALESCE(h.result, 0), m.before, COALESCE(r.id, 0), "
        "COALESCE(r.outcome, '') FROM regrade_hand_in m JOIN hand_in h ON h.id = m.hand_in "
        "LEFT JOIN result r ON r.job = m.job WHERE m.regrade = ? ORDER BY m.hand_in");
    query.bind(1, regrade);
    std::vector<Member> members;
    while (query.executeStep())
        members.push_back({.hand_in = query.getColumn(0).getInt64(),
                           .student = query.getColumn(1).getString(),
                           .counts = query.getColumn(2).getInt64(),
                           .before = query.getColumn(3).getInt64(),
                           .after = query.getColumn(4).getInt64(),
                           .outcome = query.getColumn(5).getString()});
    return members;
}

void close(SQLite::Database &db, std::int64_t id, const char *state) {
    SQLite::Statement update(db, "UPDATE regrade SET state = ? WHERE id = ?");
    SQLite::bind(update, state, id);
    update.exec();
}

}  // namespace

Regrade propose(Database &database, const Terms &terms, const RegradeScope &scope) {
    const auto all = entries(database, {.stage = terms.stage, .student = scope.student});
    return database.write([&](SQLite::Database &db) {
        const std::string text = scope_text(scope);
        SQLite::Statement open(db, std::string(regrade_columns) +
                                       "WHERE g.state = 'open' AND g.stage = ? AND g.scope = ? AND "
                                       "g.kernel_key = ? AND g.checks_digest = ?");
        SQLite::bind(open, terms.stage, text, terms.kernel_key, terms.checks_digest);
        if (open.executeStep())
            return regrade_of(open);
        SQLite::Statement insert(
            db,
            "INSERT INTO regrade (stage, scope, kernel_key, checks_digest, state, made_at) "
            "VALUES (?, ?, ?, ?, 'open', ?)");
        SQLite::bind(insert, terms.stage, text, terms.kernel_key, terms.checks_digest,
                     now_in_seconds());
        insert.exec();
        const std::int64_t id = db.getLastInsertRowid();
        for (const Entry &entry : all)
            if (entry.result)
                add_to(db, {.id = id}, terms, scope, entry);
        const Regrade regrade = read_regrade(db, id);
        if (regrade.hand_ins == 0)
            throw UsageError(fmt::format("nothing of {} was graded yet{}", terms.stage,
                                         scope.student.empty() ? "" : " for " + scope.student),
                             "`klass gradebook` shows what there is");
        append_audit(db, "regrade proposed",
                     {{"regrade", id}, {"stage", terms.stage}, {"scope", text}});
        return regrade;
    });
}

std::vector<Regrade> regrades(Database &database) {
    return database.read([](SQLite::Database &db) {
        std::vector<Regrade> all;
        SQLite::Statement query(db, std::string(regrade_columns) + "ORDER BY g.id");
        while (query.executeStep())
            all.push_back(regrade_of(query));
        return all;
    });
}

Preview preview(Database &database, std::int64_t id) {
    Preview preview;
    std::vector<Member> members;
    database.read([&](SQLite::Database &db) {
        preview.regrade = read_regrade(db, id);
        members = members_of(db, id);
    });
    std::map<std::string, Student> students;
    for (Entry &entry : entries(database, {.stage = preview.regrade.stage}))
        students.emplace(entry.student.id, std::move(entry.student));
    for (const Member &member : members) {
        if (member.after == 0)
            continue;
        const Verdict before = verdict_of(database, member.before);
        const Verdict after = verdict_of(database, member.after);
        Move move{.student = students[member.student],
                  .hand_in = member.hand_in,
                  .outcome_before = before.outcome,
                  .outcome_after = after.outcome,
                  .before = before.score,
                  .after = after.score,
                  .checks = changes(before, after)};
        if (after.outcome == judge::Outcome::judge_error)
            preview.unjudged.push_back(std::move(move));
        else if (move.before == move.after && move.outcome_before == move.outcome_after)
            ++preview.same;
        else
            preview.moves.push_back(std::move(move));
    }
    std::stable_sort(preview.moves.begin(), preview.moves.end(), [](const Move &a, const Move &b) {
        return a.after - a.before < b.after - b.before;
    });
    return preview;
}

std::size_t apply(Database &database, std::int64_t id) {
    return database.write([&](SQLite::Database &db) {
        const Regrade regrade = open_regrade(db, id);
        if (regrade.left != 0)
            throw UsageError(fmt::format("regrade {} is not graded to its end: {} submissions are "
                                         "left",
                                         id, regrade.left),
                             "give the command that proposed it again: it goes on");
        Json counts = Json::array();
        SQLite::Statement update(db, "UPDATE hand_in SET result = ? WHERE id = ?");
        for (const Member &member : members_of(db, id)) {
            if (member.counts != member.before)
                throw UsageError(
                    fmt::format("what counts for {} has changed since regrade {} was proposed",
                                member.student, id),
                    fmt::format("`klass regrade --drop {}`, and propose it anew", id));
            if (member.outcome == judge_error)
                continue;
            SQLite::bind(update, member.after, member.hand_in);
            update.exec();
            update.reset();
            counts.push_back({member.hand_in, member.after});
        }
        close(db, id, "applied");
        append_audit(db, "regrade applied", {{"regrade", id}, {"counts", counts}});
        return counts.size();
    });
}

void drop(Database &database, std::int64_t id) {
    database.write([&](SQLite::Database &db) {
        open_regrade(db, id);
        // What a worker has in hand now is recorded, and counts for nobody.
        SQLite::Statement members(db,
                                  "DELETE FROM regrade_hand_in WHERE regrade = ?1 AND job IN "
                                  "(SELECT id FROM job WHERE regrade = ?1 AND state = 'queued')");
        members.bind(1, id);
        members.exec();
        SQLite::Statement jobs(db, "DELETE FROM job WHERE regrade = ? AND state = 'queued'");
        jobs.bind(1, id);
        jobs.exec();
        close(db, id, "dropped");
        append_audit(db, "regrade dropped", {{"regrade", id}});
    });
}

bool is_mendable(const Verdict &verdict) {
    return verdict.build.ok && verdict.outcome != judge::Outcome::judge_error;
}

Verdict mended(const Verdict &before, const Verdict &again) {
    Verdict verdict = before;
    verdict.kernel = again.kernel;
    verdict.qemu = again.qemu;
    verdict.build = again.build;
    verdict.duration = again.duration;
    for (const CheckResult &check : again.checks) {
        const auto old = std::find_if(verdict.checks.begin(), verdict.checks.end(),
                                      [&](const CheckResult &each) { return each.id == check.id; });
        if (old == verdict.checks.end())
            verdict.checks.push_back(check);
        else
            *old = check;
    }
    // What no longer builds passes nothing.
    for (CheckResult &check : verdict.checks)
        if (!verdict.build.ok)
            check = {.id = check.id,
                     .title = check.title,
                     .max_score = check.max_score,
                     .book = check.book,
                     .section = check.section,
                     .hidden = check.hidden};
    judge::tally(verdict);
    return verdict;
}

}  // namespace klass::gradebook
