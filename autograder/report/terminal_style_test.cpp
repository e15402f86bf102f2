// SPDX-License-Identifier: Apache-2.0
#include "report/terminal_style.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>

#include <array>
#include <cstdlib>

#include "util/scoped_fd.h"

namespace klass::report {
namespace {

class TerminalStyle : public testing::Test {
  protected:
    TerminalStyle() {
        int master = -1;
        int slave = -1;
        const winsize size{.ws_row = 24, .ws_col = 97, .ws_xpixel = 0, .ws_ypixel = 0};
        if (openpty(&master, &slave, nullptr, nullptr, &size) != 0)
            throw std::runtime_error("no terminal");
        user_.reset(master);
        terminal_.reset(slave);
        unsetenv("NO_COLOR");
        unsetenv("LC_ALL");
        unsetenv("LC_CTYPE");
        setenv("LANG", "en_GB.UTF-8", 1);
        setenv("TERM", "xterm", 1);
    }
    [[nodiscard]] TextStyle style() const { return terminal_style(terminal_.get()); }

  private:
    ScopedFd user_;
    ScopedFd terminal_;
};

TEST_F(TerminalStyle, IsThatOfTheTerminal) {
    EXPECT_TRUE(style().colour);
    EXPECT_TRUE(style().unicode);
    EXPECT_EQ(style().width, 97U);
}

TEST_F(TerminalStyle, HasNoColoursWhereTheyAreNotWanted) {
    setenv("NO_COLOR", "1", 1);
    EXPECT_FALSE(style().colour);
    setenv("NO_COLOR", "", 1);
    EXPECT_TRUE(style().colour);
    setenv("TERM", "dumb", 1);
    EXPECT_FALSE(style().colour);
}

TEST_F(TerminalStyle, OfAPipeIsPlain) {
    std::array<int, 2> fds{};
    ASSERT_EQ(pipe2(fds.data(), O_CLOEXEC), 0);
    const ScopedFd reader(fds[0]);
    const ScopedFd writer(fds[1]);
    EXPECT_FALSE(terminal_style(writer.get()).colour);
    EXPECT_EQ(terminal_style(writer.get()).width, 80U);
}

TEST_F(TerminalStyle, HasUnicodeWhereTheLocaleHas) {
    setenv("LC_ALL", "C", 1);
    EXPECT_FALSE(style().unicode);
    setenv("LC_ALL", "C.utf8", 1);
    EXPECT_TRUE(style().unicode);
}

}  // namespace
}  // namespace klass::report
