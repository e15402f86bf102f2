// SPDX-License-Identifier: Apache-2.0
#include "report/live.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>

#include <array>

#include "report/check_text.h"
#include "report/sample_verdicts.h"
#include "util/scoped_fd.h"

namespace klass::report {
namespace {

std::string drain(int fd) {
    std::string text;
    std::array<char, 4096> piece{};
    pollfd event{fd, POLLIN, 0};
    while (poll(&event, 1, 50) > 0 && (event.revents & POLLIN) != 0) {
        const ssize_t count = read(fd, piece.data(), piece.size());
        if (count <= 0)
            break;
        text.append(piece.data(), static_cast<std::size_t>(count));
    }
    return text;
}

void grade_to(int fd, const TextStyle &style) {
    const auto live = live_report_to(fd, style);
    live->begin(2);
    live->check_started("node-appears");
    live->check_started("reads-back");
    live->check_finished(samples::accepted().checks[1]);
    live->check_finished(samples::accepted().checks[0]);
    live->end();
}

TEST(LiveReport, PrintsPlainLinesToAFile) {
    std::array<int, 2> fds{};
    ASSERT_EQ(pipe2(fds.data(), O_CLOEXEC), 0);
    const ScopedFd reader(fds[0]);
    const ScopedFd writer(fds[1]);
    grade_to(writer.get(), {});
    const auto checks = samples::accepted().checks;
    EXPECT_EQ(drain(reader.get()), check_line(checks[1], {}) + check_line(checks[0], {}));
}

TEST(LiveReport, KeepsAStatusLineOnATerminalAndClearsIt) {
    int master = -1;
    int slave = -1;
    ASSERT_EQ(openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
    const ScopedFd reader(master);
    const ScopedFd writer(slave);
    grade_to(writer.get(), {.width = 60});
    const std::string text = drain(reader.get());
    const std::string clear = "\r\033[K";
    EXPECT_THAT(text, testing::StartsWith(
                          "  0 of 2 checks done" + clear +
                          "  0 of 2 checks done, running: node-appears" + clear +
                          // Cut one column short of the width.
                          "  0 of 2 checks done, running: node-appears, reads-back" + clear));
    EXPECT_THAT(text,
                testing::HasSubstr("\r\n  1 of 2 checks done, running: node-appears" + clear));
    EXPECT_THAT(text, testing::EndsWith("  2 of 2 checks done" + clear));
}

TEST(LiveReport, CutsALongStatusLine) {
    int master = -1;
    int slave = -1;
    ASSERT_EQ(openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
    const ScopedFd reader(master);
    const ScopedFd writer(slave);
    const auto live = live_report_to(writer.get(), {.width = 60});
    live->begin(1);
    drain(reader.get());
    live->check_started(std::string(200, 'x'));
    EXPECT_EQ(drain(reader.get()).size(), std::string("\r\033[K").size() + 59);
}

TEST(LiveReport, ClearsItsLineWhenTheGradingIsGivenUp) {
    int master = -1;
    int slave = -1;
    ASSERT_EQ(openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
    const ScopedFd reader(master);
    const ScopedFd writer(slave);
    live_report_to(writer.get(), {})->begin(3);
    EXPECT_EQ(drain(reader.get()), "  0 of 3 checks done\r\033[K");
}

}  // namespace
}  // namespace klass::report
