// SPDX-License-Identifier: Apache-2.0
#include "report/live_console.h"

#include <gtest/gtest.h>

namespace klass::report {
namespace {

struct Screen {
    std::string text;
    LiveConsole console{[this](const std::string &more) { text += more; }, TextStyle{}};
};

TEST(LiveConsole, OutcomeStandsBehindItsOperation) {
    Screen screen;
    screen.console.asked("read(/dev/cicv, 64 bytes)");
    EXPECT_EQ(screen.text, "  read(/dev/cicv, 64 bytes)");
    screen.console.done("read(/dev/cicv, 64 bytes) = 17");
    EXPECT_EQ(screen.text, "  read(/dev/cicv, 64 bytes) = 17\n");
}

TEST(LiveConsole, LineOfTheKernelStandsUnderTheOperationThatProvokedIt) {
    Screen screen;
    screen.console.asked("insmod hello.ko");
    screen.console.console("[    1.000000] Hello, world");
    screen.console.done("insmod hello.ko = 0");
    EXPECT_EQ(screen.text,
              "  insmod hello.ko ...\n      [    1.000000] Hello, world\n  insmod hello.ko = 0\n");
}

TEST(LiveConsole, TwoOperationsAtOnceEachHaveTheirOutcome) {
    Screen screen;
    screen.console.asked("read(/dev/completion, 1 byte)");
    screen.console.asked("write(/dev/completion, 1 byte)");
    screen.console.done("write(/dev/completion, 1 byte) = 1");
    screen.console.done("read(/dev/completion, 1 byte) = 0");
    EXPECT_EQ(screen.text,
              "  read(/dev/completion, 1 byte) ...\n  write(/dev/completion, 1 byte) = 1\n"
              "  read(/dev/completion, 1 byte) = 0\n");
}

TEST(LiveConsole, WhatTheGuestPrintsCannotSteerTheTerminal) {
    Screen screen;
    screen.console.console("\033[2Jgone\nnew line");
    EXPECT_EQ(screen.text.find('\033'), std::string::npos);
    EXPECT_EQ(screen.text.find('\n'), screen.text.size() - 1);
}

TEST(LiveConsole, UnfinishedOperationIsNotLeftOpen) {
    Screen screen;
    screen.console.asked("read(/dev/cicv, 64 bytes)");
    screen.console.end();
    screen.console.end();
    EXPECT_EQ(screen.text, "  read(/dev/cicv, 64 bytes) ...\n");
}

}  // namespace
}  // namespace klass::report
