// SPDX-License-Identifier: Apache-2.0
#include "gradebook/audit.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "util/digest.h"

namespace klass::gradebook {

namespace {

using Json = nlohmann::ordered_json;

std::string digest_of(const std::string &previous, const AuditRecord &record) {
    return Digest()
        .add(previous)
        .add(std::to_string(record.id))
        .add(std::to_string(record.at))
        .add(record.event)
        .add(record.detail)
        .hex();
}

std::vector<AuditRecord> read_records(SQLite::Database &database) {
    std::vector<AuditRecord> records;
    SQLite::Statement query(database,
                            "SELECT id, at, event, detail, digest FROM audit ORDER BY id");
    while (query.executeStep())
        records.push_back({.id = query.getColumn(0).getInt64(),
                           .at = query.getColumn(1).getInt64(),
                           .event = query.getColumn(2).getString(),
                           .detail = query.getColumn(3).getString(),
                           .digest = query.getColumn(4).getString()});
    return records;
}

/** What the records say that there should be. */
struct Told {
    std::map<std::int64_t, std::string> reports;    ///< digest of each result's report
    std::map<std::int64_t, std::int64_t> counting;  ///< result of each hand-in
};

Told told_by(const std::vector<AuditRecord> &records) {
    Told told;
    for (const AuditRecord &record : records) {
        const Json detail = Json::parse(record.detail);
        if (detail.contains("result"))
            told.reports[detail["result"].get<std::int64_t>()] =
                detail["report"].get<std::string>();
        if (detail.contains("counts"))
            for (const Json &each : detail["counts"])
                told.counting[each[0].get<std::int64_t>()] = each[1].get<std::int64_t>();
    }
    return told;
}

void verify_chain(const std::vector<AuditRecord> &records, Verification &found) {
    std::string previous;
    std::int64_t next = 1;
    for (const AuditRecord &record : records) {
        if (record.id != next)
            found.objections.push_back(fmt::format("record {} of the audit is missing", next));
        else if (digest_of(previous, record) != record.digest)
            found.objections.push_back(
                fmt::format("record {} of the audit was changed, or the one before it", record.id));
        previous = record.digest;
        next = record.id + 1;
    }
    found.records = records.size();
    found.last_digest = previous;
}

void verify_results(SQLite::Database &database, const Told &told, Verification &found) {
    auto left = told.reports;
    SQLite::Statement query(database, "SELECT id, report, outcome, score FROM result ORDER BY id");
    while (query.executeStep()) {
        const std::int64_t id = query.getColumn(0).getInt64();
        const std::string text = query.getColumn(1).getString();
        ++found.results;
        const auto known = left.find(id);
        if (known == left.end()) {
            found.objections.push_back(fmt::format("result {} is in no record of the audit", id));
            continue;
        }
        const Json report = Json::parse(text);
        if (sha256(text) != known->second || report["verdict"] != query.getColumn(2).getString() ||
            report["score"].get<double>() != query.getColumn(3).getDouble())
            found.objections.push_back(
                fmt::format("result {} is not the one that was recorded", id));
        left.erase(known);
    }
    for (const auto &missing : left)
        found.objections.push_back(fmt::format("result {} is gone", missing.first));
}

void verify_counting(SQLite::Database &database, Told told, Verification &found) {
    SQLite::Statement query(database,
                            "SELECT id, student, COALESCE(result, 0) FROM hand_in ORDER BY id");
    while (query.executeStep()) {
        const std::int64_t hand_in = query.getColumn(0).getInt64();
        const std::int64_t counts = query.getColumn(2).getInt64();
        const std::int64_t should = told.counting[hand_in];
        if (counts != should)
            found.objections.push_back(
                fmt::format("of {}'s hand-in {}, result {} counts, and the audit says {}",
                            query.getColumn(1).getString(), hand_in, counts, should));
        told.counting.erase(hand_in);
    }
    for (const auto &missing : told.counting)
        found.objections.push_back(fmt::format("hand-in {} is gone", missing.first));
}

}  // namespace

void append_audit(SQLite::Database &database, std::string_view event, const Json &detail) {
    AuditRecord record{
        .id = 1, .at = now_in_seconds(), .event = std::string(event), .detail = detail.dump()};
    std::string previous;
    SQLite::Statement last(database, "SELECT id, digest FROM audit ORDER BY id DESC LIMIT 1");
    if (last.executeStep()) {
        record.id = last.getColumn(0).getInt64() + 1;
        previous = last.getColumn(1).getString();
    }
    SQLite::Statement insert(
        database, "INSERT INTO audit (id, at, event, detail, digest) VALUES (?, ?, ?, ?, ?)");
    SQLite::bind(insert, record.id, record.at, record.event, record.detail,
                 digest_of(previous, record));
    insert.exec();
}

std::vector<AuditRecord> audit_records(Database &database) {
    return database.read([](SQLite::Database &db) { return read_records(db); });
}

Verification verify(Database &database) {
    return database.read([](SQLite::Database &db) {
        Verification found;
        SQLite::Statement integrity(db, "PRAGMA integrity_check");
        while (integrity.executeStep())
            if (const auto text = integrity.getColumn(0).getString(); text != "ok")
                found.objections.push_back("the file is damaged: " + text);
        SQLite::Statement keys(db, "PRAGMA foreign_key_check");
        while (keys.executeStep())
            found.objections.push_back(
                fmt::format("a row of {} belongs to nothing", keys.getColumn(0).getString()));
        const auto records = read_records(db);
        verify_chain(records, found);
        const Told told = told_by(records);
        verify_results(db, told, found);
        verify_counting(db, told, found);
        return found;
    });
}

}  // namespace klass::gradebook
