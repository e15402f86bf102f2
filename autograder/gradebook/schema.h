// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The gradebook's tables, as the steps that make them.
 *
 * A step that was ever released is never changed: a new one is added at the end, and brings a file
 * of the version before to the next.
 *
 * The tables keep to what PostgreSQL has as well: whole numbers, texts, bytes, checks, foreign
 * keys; times are seconds since 1970. The queue is claimed by a lease with a fencing token, so that
 * workers on other machines can come.
 */
#pragma once

#include <array>
#include <string_view>

namespace klass::gradebook {

/** Says in the file's header whose it is (PRAGMA application_id): "Klas". */
inline constexpr int application_id = 0x4b6c6173;

/** Step i brings version i to version i + 1 (PRAGMA user_version). */
inline constexpr std::array<std::string_view, 1> schema_steps{R"sql(
CREATE TABLE student (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    section TEXT NOT NULL,
    canvas TEXT NOT NULL,
    sis TEXT NOT NULL,
    login TEXT NOT NULL,
    moodle TEXT NOT NULL,
    place INTEGER NOT NULL,       -- in the roster
    on_roster INTEGER NOT NULL CHECK (on_roster IN (0, 1))
) STRICT;

-- What is graded, whole: the gradebook needs no folder of a student's a second time.
CREATE TABLE submission (
    sha256 TEXT PRIMARY KEY,
    source BLOB NOT NULL          -- tar.gz
) STRICT;

CREATE TABLE rule (
    stage TEXT PRIMARY KEY,
    take TEXT NOT NULL CHECK (take IN ('latest', 'best'))
) STRICT;

CREATE TABLE regrade (
    id INTEGER PRIMARY KEY,
    stage TEXT NOT NULL,
    scope TEXT NOT NULL,          -- whom and what it is of, for people
    kernel_key TEXT NOT NULL,
    checks_digest TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'applied', 'dropped')),
    made_at INTEGER NOT NULL
) STRICT;

-- The queue. Work is claimed by a lease; who holds it shows its fencing token, or is not heard.
CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    stage TEXT NOT NULL,
    submission TEXT NOT NULL REFERENCES submission (sha256),
    kernel_key TEXT NOT NULL,
    checks_digest TEXT NOT NULL,
    checks TEXT NOT NULL,         -- ids as a JSON array; empty for all
    seed INTEGER NOT NULL,
    round INTEGER NOT NULL,       -- asked for again after it could not be judged
    regrade INTEGER REFERENCES regrade (id),
    before INTEGER REFERENCES result (id),  -- the result that the regrade looks at again
    state TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'done')),
    owner TEXT NOT NULL,
    fence INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    failures INTEGER NOT NULL,    -- tries that ended in a failure of the grader
    losses INTEGER NOT NULL,      -- tries whose process ended before they did
    last_failure TEXT NOT NULL,
    CHECK ((state = 'leased') = (owner <> '')),
    CHECK ((regrade IS NULL) = (before IS NULL))
) STRICT;
CREATE UNIQUE INDEX job_once ON job (stage, submission, kernel_key, checks_digest, round)
    WHERE regrade IS NULL;
CREATE UNIQUE INDEX job_once_in_regrade ON job (regrade, before)
    WHERE regrade IS NOT NULL;
CREATE INDEX job_state ON job (state, stage);

CREATE TABLE result (
    id INTEGER PRIMARY KEY,
    job INTEGER NOT NULL UNIQUE REFERENCES job (id),
    stage TEXT NOT NULL,
    submission TEXT NOT NULL REFERENCES submission (sha256),
    kernel_key TEXT NOT NULL,
    checks_digest TEXT NOT NULL,
    seed INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    score REAL NOT NULL,
    max_score REAL NOT NULL,
    duration_ms INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    graded_at INTEGER NOT NULL,
    report TEXT NOT NULL CHECK (json_valid(report))
) STRICT;
CREATE TRIGGER result_stays BEFORE UPDATE ON result
    BEGIN SELECT RAISE(ABORT, 'a result is never changed'); END;
CREATE TRIGGER result_is_kept BEFORE DELETE ON result
    BEGIN SELECT RAISE(ABORT, 'a result is never removed'); END;

CREATE TABLE hand_in (
    id INTEGER PRIMARY KEY,
    stage TEXT NOT NULL,
    student TEXT NOT NULL REFERENCES student (id),
    origin TEXT NOT NULL,
    handed_in_at INTEGER NOT NULL,
    submission TEXT REFERENCES submission (sha256),
    finding TEXT NOT NULL,        -- why there is no submission
    job INTEGER REFERENCES job (id),
    result INTEGER REFERENCES result (id),  -- what counts now
    CHECK ((submission IS NULL) = (finding <> ''))
) STRICT;
CREATE UNIQUE INDEX hand_in_once
    ON hand_in (stage, student, origin, COALESCE(submission, ''), finding);
CREATE INDEX hand_in_job ON hand_in (job);

-- Whom a regrade is of, and what counted for them when it was proposed.
CREATE TABLE regrade_hand_in (
    regrade INTEGER NOT NULL REFERENCES regrade (id),
    hand_in INTEGER NOT NULL REFERENCES hand_in (id),
    before INTEGER NOT NULL REFERENCES result (id),
    job INTEGER NOT NULL REFERENCES job (id),
    PRIMARY KEY (regrade, hand_in)
) STRICT;

-- Who changed what. Each row's digest covers the one before.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    detail TEXT NOT NULL CHECK (json_valid(detail)),
    digest TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is never shortened'); END;
)sql"};

}  // namespace klass::gradebook
