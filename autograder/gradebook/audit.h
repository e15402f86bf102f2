// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Who changed what: a chain of records, each of which covers the one before by its digest.
 *
 * Whoever changes a result, a grade or an old record by hand, past Klass, breaks the chain or is at
 * odds with it. Whoever writes the whole chain anew does not: keep the last digest elsewhere.
 */
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "gradebook/database.h"

namespace klass::gradebook {

/** Adds a record. Part of the transaction that does what it tells of. */
void append_audit(SQLite::Database &database, std::string_view event,
                  const nlohmann::ordered_json &detail);

/** A record, for people. */
struct AuditRecord {
    std::int64_t id = 0;
    std::int64_t at = 0;
    std::string event;
    std::string detail;  ///< JSON
    std::string digest;
};

/** All records, the oldest first. */
std::vector<AuditRecord> audit_records(Database &database);

/** What a verification found. */
struct Verification {
    std::size_t records = 0;
    std::size_t results = 0;
    std::string last_digest;
    std::vector<std::string> objections;  ///< empty when all is well
};

/**
 * Holds the chain against itself, each result against the record of its grading, and what counts
 * for each hand-in against what the records say.
 */
Verification verify(Database &database);

}  // namespace klass::gradebook
