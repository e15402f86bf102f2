// SPDX-License-Identifier: Apache-2.0
#include "gradebook/audit.h"

#include <gmock/gmock.h>

#include "gradebook/class_fixture.h"

namespace klass::gradebook {
namespace {

using judge::Status;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

class AnAudit : public WithGradebook {
  protected:
    void SetUp() override {
        hand_in("ada", "A");
        hand_in("bob", "B");
        choose_latest();
        grade_all([](const Job &job) {
            return verdict_with(10, job.submission == "A" ? Status::failed : Status::passed);
        });
    }
    /** Somebody with the file and sqlite3, who has removed the triggers. */
    void tamper(const std::string &sql) {
        database().write([&](SQLite::Database &db) {
            for (const char *trigger :
                 {"result_stays", "result_is_kept", "audit_stays", "audit_is_kept"})
                db.exec(std::string("DROP TRIGGER ") + trigger);
            db.exec(sql);
        });
    }
};

TEST_F(AnAudit, IsAtPeaceWithAnHonestGradebook) {
    const Verification found = verify(database());
    EXPECT_THAT(found.objections, IsEmpty());
    EXPECT_EQ(found.results, 2U);
    EXPECT_EQ(found.records, 2U);
    EXPECT_EQ(found.last_digest, audit_records(database()).back().digest);
}

TEST_F(AnAudit, NoticesAChangedReport) {
    tamper(
        "UPDATE result SET report = replace(report, 'silence', 'hello'), score = 10 WHERE id = 1");
    EXPECT_THAT(verify(database()).objections, Contains(HasSubstr("result 1 is not the one")));
}

TEST_F(AnAudit, NoticesAChangedScore) {
    tamper("UPDATE result SET score = 10 WHERE id = 1");
    EXPECT_THAT(verify(database()).objections, Contains(HasSubstr("result 1 is not the one")));
}

TEST_F(AnAudit, NoticesThatAnotherResultCounts) {
    tamper("UPDATE hand_in SET result = 2 WHERE student = 'ada'");
    EXPECT_THAT(verify(database()).objections,
                Contains(HasSubstr("of ada's hand-in 1, result 2 counts, and the audit says 1")));
}

TEST_F(AnAudit, NoticesAChangedRecord) {
    tamper("UPDATE audit SET at = at + 1 WHERE id = 1");
    EXPECT_THAT(verify(database()).objections, Contains(HasSubstr("record 1 of the audit")));
}

TEST_F(AnAudit, NoticesAMissingRecord) {
    tamper("DELETE FROM audit WHERE id = 1");
    EXPECT_THAT(verify(database()).objections,
                Contains(HasSubstr("record 1 of the audit is missing")));
}

TEST_F(AnAudit, NoticesAResultThatIsGone) {
    tamper(
        "PRAGMA defer_foreign_keys=ON; UPDATE hand_in SET result = NULL WHERE result = 2; "
        "DELETE FROM result WHERE id = 2");
    EXPECT_THAT(verify(database()).objections, Contains(HasSubstr("result 2 is gone")));
}

}  // namespace
}  // namespace klass::gradebook
