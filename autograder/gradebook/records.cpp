// SPDX-License-Identifier: Apache-2.0
#include "gradebook/records.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "gradebook/audit.h"
#include "report/json.h"
#include "util/error.h"

namespace klass::gradebook {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array take_names{"latest", "best"};

void put_student(SQLite::Database &db, const Student &student, std::int64_t place) {
    SQLite::Statement insert(
        db,
        "INSERT INTO student (id, name, email, section, canvas, sis, login, moodle, place, "
        "on_roster) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, "
        "section = excluded.section, canvas = excluded.canvas, sis = excluded.sis, "
        "login = excluded.login, moodle = excluded.moodle, place = excluded.place, "
        "on_roster = excluded.on_roster");
    SQLite::bind(insert, student.id, student.name, student.email, student.section, student.canvas,
                 student.sis, student.login, student.moodle, place, student.on_roster ? 1 : 0);
    insert.exec();
}

/** One that is chosen, and what came of it so far. */
struct Chosen {
    std::int64_t id = 0;
    std::string submission;
    std::int64_t result = 0;
    std::string outcome;
    std::string kernel_key;
    std::string checks_digest;
};

std::vector<Chosen> chosen_by(SQLite::Database &db, Take take, const std::string &stage) {
    std::string sql =
        "SELECT h.id, COALESCE(h.submission, ''), COALESCE(h.result, 0), COALESCE(r.outcome, ''), "
        "COALESCE(r.kernel_key, ''), COALESCE(r.checks_digest, '') "
        "FROM hand_in h LEFT JOIN result r ON r.id = h.result WHERE h.stage = ?1";
    if (take == Take::latest)
        sql +=
            " AND h.id = (SELECT n.id FROM hand_in n WHERE n.stage = ?1 AND n.student = h.student "
            "ORDER BY n.handed_in_at DESC, n.id DESC LIMIT 1)";
    SQLite::Statement query(db, sql + " ORDER BY h.id");
    query.bind(1, stage);
    std::vector<Chosen> chosen;
    while (query.executeStep())
        chosen.push_back({.id = query.getColumn(0).getInt64(),
                          .submission = query.getColumn(1).getString(),
                          .result = query.getColumn(2).getInt64(),
                          .outcome = query.getColumn(3).getString(),
                          .kernel_key = query.getColumn(4).getString(),
                          .checks_digest = query.getColumn(5).getString()});
    return chosen;
}

/** A live job for a submission, and its result if it has one. */
struct LiveJob {
    std::int64_t id = 0;
    std::int64_t round = -1;
    bool done = false;
    std::int64_t result = 0;
    std::string outcome;
};

LiveJob last_job(SQLite::Database &db, const Terms &terms, const std::string &submission) {
    SQLite::Statement query(
        db,
        "SELECT j.id, j.round, j.state = 'done', COALESCE(r.id, 0), COALESCE(r.outcome, '') "
        "FROM job j LEFT JOIN result r ON r.job = j.id WHERE j.regrade IS NULL AND j.stage = ? AND "
        "j.submission = ? AND j.kernel_key = ? AND j.checks_digest = ? ORDER BY j.round DESC "
        "LIMIT 1");
    SQLite::bind(query, terms.stage, submission, terms.kernel_key, terms.checks_digest);
    if (!query.executeStep())
        return {};
    return {.id = query.getColumn(0).getInt64(),
            .round = query.getColumn(1).getInt64(),
            .done = query.getColumn(2).getInt() != 0,
            .result = query.getColumn(3).getInt64(),
            .outcome = query.getColumn(4).getString()};
}

std::int64_t add_job(SQLite::Database &db, const Terms &terms, const std::string &submission,
                     std::uint64_t seed, std::int64_t round) {
    SQLite::Statement insert(db,
                             "INSERT INTO job (stage, submission, kernel_key, checks_digest, "
                             "checks, seed, round, state, "
                             "owner, fence, lease_until, failures, losses, last_failure) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', '', 0, 0, 0, 0, '')");
    SQLite::bind(insert, terms.stage, submission, terms.kernel_key, terms.checks_digest,
                 Json(terms.checks).dump(), static_cast<std::int64_t>(seed), round);
    insert.exec();
    return db.getLastInsertRowid();
}

void point_at(SQLite::Database &db, std::int64_t hand_in, const LiveJob &job) {
    SQLite::Statement update(db,
                             "UPDATE hand_in SET job = ?, result = COALESCE(?, result) "
                             "WHERE id = ?");
    update.bind(1, job.id);
    if (job.done)
        update.bind(2, job.result);
    update.bind(3, hand_in);
    update.exec();
}

ResultRecord result_at(SQLite::Statement &query, int at) {
    return {.id = query.getColumn(at).getInt64(),
            .outcome = judge::outcome_from(query.getColumn(at + 1).getString())
                           .value_or(judge::Outcome::judge_error),
            .score = query.getColumn(at + 2).getDouble(),
            .max_score = query.getColumn(at + 3).getDouble(),
            .seed = static_cast<std::uint64_t>(query.getColumn(at + 4).getInt64()),
            .kernel_key = query.getColumn(at + 5).getString(),
            .checks_digest = query.getColumn(at + 6).getString(),
            .duration_ms = query.getColumn(at + 7).getInt64(),
            .graded_at = query.getColumn(at + 8).getInt64(),
            .tries = query.getColumn(at + 9).getInt64()};
}

/** Everything that the students handed in for a stage, the older first. */
struct Offer {
    std::int64_t id = 0;
    HandInRecord hand_in;
    std::optional<ResultRecord> result;
};

std::map<std::string, std::vector<Offer>> offers_of(SQLite::Database &db,
                                                    const std::string &stage) {
    SQLite::Statement query(
        db,
        "SELECT h.id, h.student, h.origin, h.handed_in_at, COALESCE(h.submission, ''), h.finding, "
        "r.id, r.outcome, r.score, r.max_score, r.seed, r.kernel_key, r.checks_digest, "
        "r.duration_ms, r.graded_at, r.tries FROM hand_in h LEFT JOIN result r ON r.id = h.result "
        "WHERE h.stage = ? ORDER BY h.handed_in_at, h.id");
    query.bind(1, stage);
    std::map<std::string, std::vector<Offer>> offers;
    while (query.executeStep()) {
        Offer offer{.id = query.getColumn(0).getInt64(),
                    .hand_in = {.student = query.getColumn(1).getString(),
                                .origin = query.getColumn(2).getString(),
                                .handed_in_at = query.getColumn(3).getInt64(),
                                .submission = query.getColumn(4).getString(),
                                .finding = query.getColumn(5).getString()}};
        if (!query.getColumn(6).isNull())
            offer.result = result_at(query, 6);
        offers[offer.hand_in.student].push_back(std::move(offer));
    }
    return offers;
}

/** How good an offer is under the rule `best`: points, then a grading, then files at all. */
double worth(const Offer &offer) {
    if (offer.result && offer.result->judged())
        return offer.result->score;
    if (offer.result || !offer.hand_in.submission.empty())
        return -1;
    return -2;
}

const Offer &counting(const std::vector<Offer> &offers, Take take) {
    if (take == Take::latest)
        return offers.back();
    const Offer *best = &offers.front();
    for (const Offer &offer : offers)
        if (worth(offer) >= worth(*best))
            best = &offer;
    return *best;
}

std::vector<Student> students_in(SQLite::Database &db) {
    SQLite::Statement query(db,
                            "SELECT id, name, email, section, canvas, sis, login, moodle, "
                            "on_roster FROM student ORDER BY on_roster DESC, place, id");
    std::vector<Student> students;
    while (query.executeStep())
        students.push_back({.id = query.getColumn(0).getString(),
                            .name = query.getColumn(1).getString(),
                            .email = query.getColumn(2).getString(),
                            .section = query.getColumn(3).getString(),
                            .canvas = query.getColumn(4).getString(),
                            .sis = query.getColumn(5).getString(),
                            .login = query.getColumn(6).getString(),
                            .moodle = query.getColumn(7).getString(),
                            .on_roster = query.getColumn(8).getInt() != 0});
    return students;
}

Take read_rule(SQLite::Database &db, const std::string &stage) {
    SQLite::Statement query(db, "SELECT take FROM rule WHERE stage = ?");
    query.bind(1, stage);
    return query.executeStep() ? take_from(query.getColumn(0).getString()) : Take::latest;
}

std::vector<std::string> read_stages(SQLite::Database &db) {
    SQLite::Statement query(db, "SELECT DISTINCT stage FROM hand_in ORDER BY stage");
    std::vector<std::string> stages;
    while (query.executeStep())
        stages.push_back(query.getColumn(0).getString());
    return stages;
}

std::set<std::int64_t> results_that_lost(SQLite::Database &db, const std::string &check) {
    SQLite::Statement query(
        db,
        "SELECT r.id FROM result r WHERE EXISTS (SELECT 1 FROM json_each(r.report, '$.checks') c "
        "WHERE c.value ->> 'id' = ? AND c.value ->> 'status' IN ('failed', 'timeout', 'crashed'))");
    query.bind(1, check);
    std::set<std::int64_t> results;
    while (query.executeStep())
        results.insert(query.getColumn(0).getInt64());
    return results;
}

}  // namespace

const char *to_string(Take take) {
    return take_names.at(static_cast<std::size_t>(take));
}

Take take_from(std::string_view name) {
    const auto *const found = std::find(take_names.begin(), take_names.end(), name);
    if (found == take_names.end())
        throw UsageError(fmt::format("there is no rule {}", name), "the rules are latest and best");
    return static_cast<Take>(found - take_names.begin());
}

void put_roster(Database &database, const std::vector<Student> &students) {
    database.write([&](SQLite::Database &db) {
        db.exec("UPDATE student SET on_roster = 0");
        std::int64_t place = 0;
        for (const Student &student : students)
            put_student(db, student, place++);
    });
}

bool put_hand_in(Database &database, const std::string &stage, const HandInRecord &hand_in,
                 std::string_view source) {
    return database.write([&](SQLite::Database &db) {
        SQLite::Statement student(db, "SELECT 1 FROM student WHERE id = ?");
        student.bind(1, hand_in.student);
        if (!student.executeStep())
            put_student(db, {.id = hand_in.student, .name = hand_in.student, .on_roster = false},
                        0);
        const bool whole = !hand_in.submission.empty();
        if (whole) {
            SQLite::Statement keep(
                db, "INSERT INTO submission (sha256, source) VALUES (?, ?) ON CONFLICT DO NOTHING");
            keep.bind(1, hand_in.submission);
            keep.bind(2, source.data(), static_cast<int>(source.size()));
            keep.exec();
        }
        SQLite::Statement insert(
            db,
            "INSERT INTO hand_in (stage, student, origin, handed_in_at, submission, finding) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
        SQLite::bind(insert, stage, hand_in.student, hand_in.origin, hand_in.handed_in_at);
        if (whole)
            insert.bind(5, hand_in.submission);
        insert.bind(6, hand_in.finding);
        return insert.exec() == 1;
    });
}

Choice choose(Database &database, Take take, const Terms &terms, std::uint64_t seed, bool retry) {
    return database.write([&](SQLite::Database &db) {
        SQLite::Statement rule(db,
                               "INSERT INTO rule (stage, take) VALUES (?, ?) "
                               "ON CONFLICT (stage) DO UPDATE SET take = excluded.take");
        SQLite::bind(rule, terms.stage, to_string(take));
        rule.exec();
        // Who waits now is found out anew: another hand-in may count since.
        SQLite::Statement nobody(
            db, "UPDATE hand_in SET job = NULL WHERE stage = ? AND result IS NULL");
        nobody.bind(1, terms.stage);
        nobody.exec();
        Choice choice;
        Json counts = Json::array();
        std::set<std::int64_t> open_jobs;
        for (const Chosen &chosen : chosen_by(db, take, terms.stage)) {
            if (chosen.submission.empty()) {
                ++choice.findings;
                continue;
            }
            const bool again = retry && chosen.outcome == to_string(judge::Outcome::judge_error);
            if (chosen.result != 0 && !again) {
                ++choice.graded;
                choice.by_other_terms += chosen.kernel_key == terms.kernel_key &&
                                                 chosen.checks_digest == terms.checks_digest
                                             ? 0
                                             : 1;
                continue;
            }
            LiveJob job = last_job(db, terms, chosen.submission);
            const bool failed = job.outcome == to_string(judge::Outcome::judge_error);
            if (job.id == 0 || (again && job.done && failed))
                job = {.id = add_job(db, terms, chosen.submission, seed, job.round + 1)};
            point_at(db, chosen.id, job);
            if (job.done)
                counts.push_back({chosen.id, job.result});
            else
                open_jobs.insert(job.id);
            choice.graded += job.done ? 1 : 0;
        }
        choice.queued = open_jobs.size();
        // Nobody waits for these any more: a newer hand-in counts, or other terms do.
        SQLite::Statement forget(
            db,
            "DELETE FROM job WHERE regrade IS NULL AND stage = ? AND state = 'queued' AND NOT "
            "EXISTS (SELECT 1 FROM hand_in h WHERE h.job = job.id)");
        forget.bind(1, terms.stage);
        forget.exec();
        SQLite::Statement all(
            db, "SELECT COUNT(*), COUNT(DISTINCT student) FROM hand_in WHERE stage = ?");
        all.bind(1, terms.stage);
        all.executeStep();
        choice.hand_ins = static_cast<std::size_t>(all.getColumn(0).getInt64());
        choice.students = static_cast<std::size_t>(all.getColumn(1).getInt64());
        if (!counts.empty())
            append_audit(db, "same files as graded before", {{"counts", counts}});
        return choice;
    });
}

Take rule_of(Database &database, const std::string &stage) {
    return database.read([&](SQLite::Database &db) { return read_rule(db, stage); });
}

std::vector<std::string> stages_in(Database &database) {
    return database.read([](SQLite::Database &db) { return read_stages(db); });
}

std::vector<Entry> entries(Database &database, const Filter &filter) {
    return database.read([&](SQLite::Database &db) {
        const auto students = students_in(db);
        const auto lost =
            filter.failed.empty() ? std::set<std::int64_t>() : results_that_lost(db, filter.failed);
        std::vector<Entry> entries;
        for (const std::string &stage :
             filter.stage.empty() ? read_stages(db) : std::vector{filter.stage}) {
            const auto offers = offers_of(db, stage);
            const Take take = read_rule(db, stage);
            for (const Student &student : students) {
                if (!filter.student.empty() && student.id != filter.student)
                    continue;
                Entry entry{.student = student, .stage = stage};
                const auto found = offers.find(student.id);
                if (found == offers.end() && !student.on_roster)
                    continue;
                if (found != offers.end()) {
                    const Offer &offer = counting(found->second, take);
                    entry.hand_ins = found->second.size();
                    entry.hand_in_id = offer.id;
                    entry.hand_in = offer.hand_in;
                    entry.result = offer.result;
                }
                if (filter.failed.empty() || (entry.result && lost.contains(entry.result->id)))
                    entries.push_back(std::move(entry));
            }
        }
        return entries;
    });
}

void require_known(Database &database, const Filter &filter) {
    database.read([&](SQLite::Database &db) {
        const auto stages = read_stages(db);
        if (!filter.stage.empty() &&
            std::find(stages.begin(), stages.end(), filter.stage) == stages.end())
            throw UsageError(fmt::format("the gradebook holds nothing of {}", filter.stage),
                             stages.empty() ? std::string("`klass batch` grades a class into it")
                                            : fmt::format("it holds {}", fmt::join(stages, ", ")));
        SQLite::Statement student(db, "SELECT 1 FROM student WHERE id = ?");
        student.bind(1, filter.student);
        if (!filter.student.empty() && !student.executeStep())
            throw UsageError(fmt::format("the gradebook knows no student {}", filter.student),
                             "`klass gradebook` lists their ids");
    });
}

judge::Verdict verdict_of(Database &database, std::int64_t result) {
    const std::string report = database.read([&](SQLite::Database &db) {
        SQLite::Statement query(db, "SELECT report FROM result WHERE id = ?");
        query.bind(1, result);
        if (!query.executeStep())
            throw UsageError(fmt::format("there is no result {}", result));
        return query.getColumn(0).getString();
    });
    return report::verdict_from_json(Json::parse(report, nullptr, false));
}

std::string source_of(Database &database, const std::string &submission) {
    return database.read([&](SQLite::Database &db) {
        SQLite::Statement query(db, "SELECT source FROM submission WHERE sha256 = ?");
        query.bind(1, submission);
        if (!query.executeStep())
            throw GraderFault(fmt::format("the submission {} is not in the gradebook", submission));
        return query.getColumn(0).getString();
    });
}

}  // namespace klass::gradebook
