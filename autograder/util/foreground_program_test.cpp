// SPDX-License-Identifier: Apache-2.0
#include "util/foreground_program.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "util/error.h"

namespace klass {
namespace {

TEST(ForegroundProgram, GivesItsStatusAsAShellDoes) {
    EXPECT_EQ(ForegroundProgram({.argv = {"sh", "-c", "exit 7"}}).wait(), 7);
    EXPECT_EQ(ForegroundProgram({.argv = {"sh", "-c", "kill -TERM $$"}}).wait(), 128 + SIGTERM);
}

TEST(ForegroundProgram, HasEnvironmentAndDescriptorsThatItIsGiven) {
    int pair[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    const ScopedFd ours(pair[0]);
    ScopedFd theirs(pair[1]);
    ForegroundProgram program({.argv = {"sh", "-c", "printf %s \"$WORD\" >&$FD"},
                               .environment = {{"WORD", "hello"}, {"FD", std::to_string(pair[1])}},
                               .inherited = {theirs.get()}});
    theirs.reset();
    EXPECT_EQ(program.wait(), 0);
    char text[16] = {};
    EXPECT_EQ(read(ours.get(), text, sizeof text - 1), 5);
    EXPECT_STREQ(text, "hello");
}

TEST(ForegroundProgram, HasCtrlCForItself) {
    struct sigaction action {};
    {
        ForegroundProgram program({.argv = {"sleep", "1000"}});
        sigaction(SIGINT, nullptr, &action);
        EXPECT_EQ(action.sa_handler, SIG_IGN);
        pollfd end{program.pidfd(), POLLIN, 0};
        EXPECT_EQ(poll(&end, 1, 0), 0);
    }
    sigaction(SIGINT, nullptr, &action);
    EXPECT_EQ(action.sa_handler, SIG_DFL);
}

TEST(ForegroundProgram, ThatIsNotThereIsAFaultOfOurs) {
    EXPECT_THROW(ForegroundProgram({.argv = {"no-such-program"}}), GraderFault);
}

}  // namespace
}  // namespace klass
