// SPDX-License-Identifier: Apache-2.0
#include "util/raw_terminal.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "util/error.h"
#include "util/scoped_fd.h"

namespace klass {
namespace {

using namespace std::chrono_literals;

/** A terminal whose user is this test. */
struct Terminal {
    ScopedFd user;
    ScopedFd terminal;

    Terminal() {
        int master = -1;
        int slave = -1;
        const winsize size{.ws_row = 30, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
        EXPECT_EQ(openpty(&master, &slave, nullptr, nullptr, &size), 0);
        user.reset(master);
        terminal.reset(slave);
    }

    [[nodiscard]] bool cooked() const {
        termios settings{};
        EXPECT_EQ(tcgetattr(terminal.get(), &settings), 0);
        return (settings.c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG);
    }
};

TEST(RawTerminal, IsRawAsLongAsItLives) {
    const Terminal terminal;
    ASSERT_TRUE(terminal.cooked());
    {
        const RawTerminal raw(terminal.terminal.get());
        EXPECT_FALSE(terminal.cooked());
    }
    EXPECT_TRUE(terminal.cooked());
}

TEST(RawTerminal, IsPutBackWhenItsProcessIsKilled) {
    const Terminal terminal;
    const pid_t child = fork();
    if (child == 0) {
        const RawTerminal raw(terminal.terminal.get());
        pause();
        _exit(0);
    }
    while (terminal.cooked())
        std::this_thread::sleep_for(1ms);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    // By whom nobody waits for; so there is no end to wait for either but this.
    for (int tries = 0; tries < 10000 && !terminal.cooked(); ++tries)
        std::this_thread::sleep_for(1ms);
    EXPECT_TRUE(terminal.cooked());
}

TEST(RawTerminal, WantsATerminal) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const ScopedFd reader(ends[0]);
    const ScopedFd writer(ends[1]);
    EXPECT_THROW(RawTerminal raw(reader.get()), GraderFault);
    EXPECT_EQ(window_size(reader.get()), WindowSize{});
}

TEST(RawTerminal, SizeOfTheWindow) {
    const Terminal terminal;
    EXPECT_EQ(window_size(terminal.terminal.get()), (WindowSize{.columns = 100, .rows = 30}));
}

TEST(RawTerminal, ChangesOfTheWindowWakeAPoll) {
    WindowChanges changes;
    pollfd event{changes.fd(), POLLIN, 0};
    EXPECT_EQ(poll(&event, 1, 0), 0);
    EXPECT_FALSE(changes.take());
    raise(SIGWINCH);
    EXPECT_EQ(poll(&event, 1, 0), 1);
    EXPECT_TRUE(changes.take());
    EXPECT_FALSE(changes.take());
}

}  // namespace
}  // namespace klass
