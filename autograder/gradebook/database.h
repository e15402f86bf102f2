// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The gradebook's file: an SQLite database with a schema that has a version.
 *
 * gradebook/ keeps what was handed in, what is still to be graded, what gradings came to, and who
 * changed what. The database is the only truth: what is not committed did not happen. It knows
 * verdicts, and must never know how they come about: no machine, no check, no command line.
 */
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <type_traits>

namespace klass::gradebook {

/** An open gradebook. Any thread may use it; one at a time gets in. */
class Database {
  public:
    /** What is wanted of it. */
    enum class Access {
        write,  ///< it is made when there is none, and brought to today's schema
        read    ///< also on a disk that cannot be written to
    };

    /**
     * @throws UsageError when the file is no gradebook, was written by a newer Klass, cannot be
     *         opened, or is wanted for reading and not there
     */
    explicit Database(const std::filesystem::path &file, Access access = Access::write);

    /**
     * Carries out @p work in one transaction: all of it is on the disk when this returns, or, when
     * it throws, nothing. No other process writes meanwhile.
     * @throws GraderFault when the disk is full or fails, or another program holds the file for
     *         longer than a minute; UsageError when it cannot be written to
     */
    template <typename Work>
    auto write(const Work &work) {
        return guarded([&] {
            SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
            if constexpr (std::is_void_v<decltype(work(*database_))>) {
                work(*database_);
                transaction.commit();
            } else {
                auto result = work(*database_);
                transaction.commit();
                return result;
            }
        });
    }

    /** Carries out @p work, which sees one state of the whole and changes nothing. */
    template <typename Work>
    auto read(const Work &work) {
        return guarded([&] {
            const SQLite::Transaction transaction(*database_);
            return work(*database_);
        });
    }

    [[nodiscard]] const std::filesystem::path &file() const { return file_; }

    /** So many steps have made today's schema. */
    static int schema_version();

  private:
    template <typename Work>
    auto guarded(const Work &work) -> decltype(work()) {
        const std::lock_guard lock(mutex_);
        try {
            return work();
        } catch (const SQLite::Exception &error) {
            fail(error);
        }
    }
    [[noreturn]] void fail(const SQLite::Exception &error) const;
    void open(Access access);
    void migrate();

    std::filesystem::path file_;
    std::unique_ptr<SQLite::Database> database_;
    std::mutex mutex_;
};

/** Seconds since 1970, as all times in the gradebook are. */
std::int64_t now_in_seconds();

/** "2026-03-01 17:04:05", in UTC. */
std::string time_text(std::int64_t seconds);

}  // namespace klass::gradebook
