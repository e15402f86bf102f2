// SPDX-License-Identifier: Apache-2.0
#include "gradebook/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::gradebook {
namespace {

using testing::HasSubstr;

class AFile : public testing::Test {
  protected:
    [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "g.sqlite"; }
    std::string complaint(Database::Access access = Database::Access::write) {
        try {
            const Database database(file(), access);
        } catch (const UsageError &error) {
            return error.what();
        }
        return "none";
    }
    TemporaryFolder folder_{"database-test"};
};

TEST_F(AFile, IsMadeWithTodaysSchemaAndOpenedAgain) {
    { const Database database(file()); }
    Database again(file());
    EXPECT_EQ(again.read([](SQLite::Database &db) {
        return db.execAndGet("PRAGMA user_version").getInt();
    }),
              Database::schema_version());
    EXPECT_EQ(again.read([](SQLite::Database &db) {
        return db.execAndGet("PRAGMA journal_mode").getString();
    }),
              "wal");
}

TEST_F(AFile, ThatIsNoGradebookIsNotTouched) {
    write_file_atomically(file(), "some other file, long enough to be looked into by SQLite");
    EXPECT_THAT(complaint(), HasSubstr("is not a gradebook"));
    EXPECT_THAT(read_file(file()), testing::StartsWith("some other file"));
}

TEST_F(AFile, OfAnotherProgramIsNotTouched) {
    {
        SQLite::Database other(file().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        other.exec("CREATE TABLE theirs (x)");
    }
    EXPECT_THAT(complaint(), HasSubstr("is not a gradebook"));
}

TEST_F(AFile, OfANewerKlassIsNotTouched) {
    { const Database database(file()); }
    {
        SQLite::Database newer(file().string(), SQLite::OPEN_READWRITE);
        newer.exec("PRAGMA user_version=99");
    }
    EXPECT_THAT(complaint(), HasSubstr("newer Klass (schema 99"));
}

TEST_F(AFile, ThatIsMissingIsNotMadeByReading) {
    EXPECT_THAT(complaint(Database::Access::read), HasSubstr("there is no gradebook"));
    EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(AFile, InNoFolderSaysSo) {
    EXPECT_THROW(Database("/no/such/folder/g.sqlite"), UsageError);
}

TEST_F(AFile, IsAsBeforeWhenATransactionThrows) {
    Database database(file());
    EXPECT_THROW(database.write([](SQLite::Database &db) {
        db.exec("INSERT INTO rule VALUES ('s', 'best')");
        throw UsageError("no");
    }),
                 UsageError);
    EXPECT_EQ(database.read([](SQLite::Database &db) {
        return db.execAndGet("SELECT COUNT(*) FROM rule").getInt();
    }),
              0);
}

TEST_F(AFile, KeepsItsForeignKeys) {
    Database database(file());
    EXPECT_THROW(database.write([](SQLite::Database &db) {
        db.exec(
            "INSERT INTO hand_in (stage, student, origin, handed_in_at, finding) "
            "VALUES ('s', 'nobody', 'o', 1, 'f')");
    }),
                 GraderFault);
}

TEST(Times, AreWrittenInUtc) {
    EXPECT_EQ(time_text(1'700'000'000), "2023-11-14 22:13:20");
}

}  // namespace
}  // namespace klass::gradebook
