// SPDX-License-Identifier: Apache-2.0
#include "gradebook/database.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <ctime>
#include <string>

#include "gradebook/schema.h"
#include "util/error.h"

namespace klass::gradebook {

namespace {

namespace fs = std::filesystem;

/** Another process' transaction is over long before. */
constexpr int busy_timeout_ms = 60'000;

std::string uri_of(const fs::path &file, const char *query) {
    std::string uri = "file:";
    for (const char byte : fs::absolute(file).string())
        uri += std::string_view("?#% ").find(byte) == std::string_view::npos
                   ? std::string(1, byte)
                   : fmt::format("%{:02X}", static_cast<unsigned char>(byte));
    return uri + query;
}

int pragma(SQLite::Database &database, const char *name) {
    return database.execAndGet(fmt::format("PRAGMA {}", name)).getInt();
}

}  // namespace

int Database::schema_version() {
    return static_cast<int>(schema_steps.size());
}

Database::Database(const fs::path &file, Access access) : file_(file) {
    std::error_code ignored;
    if (access == Access::read && !fs::exists(file, ignored))
        throw UsageError(fmt::format("there is no gradebook {}", file.string()),
                         "`klass batch` makes one; name another with --gradebook FILE");
    guarded([&] { open(access); });
}

void Database::open(Access access) {
    if (access == Access::read) {
        database_ = std::make_unique<SQLite::Database>(file_.string(), SQLite::OPEN_READONLY,
                                                       busy_timeout_ms);
        try {
            pragma(*database_, "schema_version");
        } catch (const SQLite::Exception &) {
            // On a disk that cannot be written to, a log cannot be kept; nor can anybody change it.
            database_ = std::make_unique<SQLite::Database>(uri_of(file_, "?immutable=1"),
                                                           SQLite::OPEN_READONLY | SQLite::OPEN_URI,
                                                           busy_timeout_ms);
        }
    } else {
        database_ = std::make_unique<SQLite::Database>(
            file_.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_timeout_ms);
    }
    const int version = pragma(*database_, "user_version");
    const bool is_new = version == 0 && pragma(*database_, "schema_version") == 0;
    if (!is_new && pragma(*database_, "application_id") != application_id)
        throw UsageError(fmt::format("{} is not a gradebook of Klass", file_.string()),
                         "name another file with --gradebook FILE");
    if (version > schema_version())
        throw UsageError(
            fmt::format("{} was written by a newer Klass (schema {}; this one knows {})",
                        file_.string(), version, schema_version()),
            "use that Klass");
    if (access == Access::read) {
        if (version < schema_version())
            throw UsageError(fmt::format("{} was written by an older Klass (schema {}, now {})",
                                         file_.string(), version, schema_version()),
                             "`klass batch` brings it up to date");
        return;
    }
    // Readers and one writer do not wait for each other (https://sqlite.org/wal.html); what is
    // committed is on the disk.
    database_->exec("PRAGMA journal_mode=WAL");
    database_->exec("PRAGMA synchronous=FULL");
    database_->exec("PRAGMA foreign_keys=ON");
    migrate();
}

void Database::migrate() {
    if (pragma(*database_, "user_version") == schema_version())
        return;
    SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
    // Another process may have done it since we looked.
    const int version = pragma(*database_, "user_version");
    for (auto step = static_cast<std::size_t>(version); step < schema_steps.size(); ++step)
        database_->exec(std::string(schema_steps.at(step)));
    database_->exec(fmt::format("PRAGMA application_id={}", application_id));
    database_->exec(fmt::format("PRAGMA user_version={}", schema_version()));
    transaction.commit();
}

void Database::fail(const SQLite::Exception &error) const {
    const std::string name = file_.string();
    const int code = error.getErrorCode() & 0xff;
    switch (code) {
        case SQLITE_FULL:
            throw GraderFault(fmt::format("there is no space left for {}", name),
                              "make room and give the same command again: what was graded is kept");
        case SQLITE_READONLY:
            throw UsageError(fmt::format("{} cannot be written to", name),
                             "look at its permissions, and at those of its folder");
        case SQLITE_CANTOPEN:
            throw UsageError(fmt::format("{} cannot be opened", name),
                             "the gradebook is a file in a folder that can be written to");
        case SQLITE_NOTADB:
            throw UsageError(fmt::format("{} is not a gradebook of Klass", name),
                             "name another file with --gradebook FILE");
        case SQLITE_BUSY:
            throw GraderFault(fmt::format("another program holds {}", name),
                              "close it, and give the same command again");
        case SQLITE_IOERR:
            throw GraderFault(
                fmt::format("{} cannot be read or written: {}", name, error.getErrorStr()),
                "see whether the disk is full (df -h) or failing (dmesg)");
        case SQLITE_CORRUPT:
            throw GraderFault(fmt::format("{} is damaged: {}", name, error.getErrorStr()),
                              "take the last copy that you made of it");
        default:
            throw GraderFault(fmt::format("the gradebook {}: {}", name, error.what()),
                              "this is a bug in Klass: please report it");
    }
}

std::int64_t now_in_seconds() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::string time_text(std::int64_t seconds) {
    return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

}  // namespace klass::gradebook
