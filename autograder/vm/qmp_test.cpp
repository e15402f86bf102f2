// SPDX-License-Identifier: Apache-2.0
#include "vm/qmp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "util/error.h"

namespace klass::vm {
namespace {

using namespace std::chrono_literals;

/** A monitor whose answers are written before they are asked for. */
class QmpTest : public testing::Test {
  protected:
    QmpTest() {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0) {
            qemu_ = ScopedFd(pair[0]);
            qmp_.emplace(ScopedFd(pair[1]));
        }
    }

    void qemu_says(std::string_view text) const {
        ASSERT_EQ(write(qemu_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }

    ScopedFd qemu_;
    std::optional<Qmp> qmp_;
};

TEST_F(QmpTest, EventsBetweenCommandAndAnswerAreKept) {
    qemu_says("{\"event\": \"STOP\"}\n{\"return\": {\"status\": \"paused\"}}\n");
    EXPECT_EQ(qmp_->execute("query-status")["status"], "paused");
    EXPECT_TRUE(qmp_->take_event("STOP"));
    EXPECT_FALSE(qmp_->take_event("STOP"));
}

TEST_F(QmpTest, RefusalCarriesQemusReason) {
    qemu_says("{\"error\": {\"class\": \"GenericError\", \"desc\": \"no such thing\"}}\n");
    try {
        qmp_->execute("getfd");
        FAIL() << "no exception";
    } catch (const GraderFault &fault) {
        EXPECT_THAT(fault.what(), testing::HasSubstr("no such thing"));
    }
}

TEST_F(QmpTest, SilenceEndsAtTheTimeout) {
    EXPECT_THROW(qmp_->execute("cont", nlohmann::json::object(), -1, 20ms), GraderFault);
}

TEST_F(QmpTest, EndOfQemuIsNoAnswer) {
    qemu_.reset();
    EXPECT_THROW(qmp_->execute("cont"), GraderFault);
}

TEST_F(QmpTest, NonsenseIsOurFault) {
    qemu_says("hello\n");
    EXPECT_THROW(qmp_->drain(), GraderFault);
}

}  // namespace
}  // namespace klass::vm
