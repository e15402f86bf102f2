// SPDX-License-Identifier: Apache-2.0
#include "guest/typed_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace klass::guest {
namespace {

using testing::HasSubstr;
using testing::Not;

const TypedCommand command("cat /proc/version", 0x1234);

const std::string begin = "klass-begin-0000000000001234\r\n";
const std::string end = "klass-end-0000000000001234-0\r\n";

// As BusyBox's shell shows it: the echo of what was typed, redrawn; then the answer.
std::string recorded(const std::string &answer) {
    return "/ # \x1b[6n\r\n/ # echo klass\\-begin-0000000000001234; cat /proc/version; echo kla\r\n"
           "ss\\-end-0000000000001234-$?\r\n" +
           begin + answer + end + "/ # ";
}

TEST(TypedCommand, FindsTheAnswerAndNotTheEcho) {
    const auto answer = command.answer_in(recorded("Linux version 6.12\r\n"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->output, "Linux version 6.12\n");
    EXPECT_TRUE(answer->ok());
}

// A terminal shows what is typed: that must not look like an answer.
TEST(TypedCommand, WhatIsTypedHoldsNoMark) {
    EXPECT_THAT(command.line(), Not(HasSubstr("klass-begin")));
    EXPECT_THAT(command.line(), Not(HasSubstr("klass-end")));
    EXPECT_FALSE(command.answer_in(command.line()));
}

TEST(TypedCommand, WaitsForTheWholeAnswer) {
    const std::string whole = recorded("one\r\ntwo\r\n");
    const std::size_t needed = whole.rfind("\r\n") + 2;
    for (std::size_t length = 0; length < needed; ++length)
        EXPECT_FALSE(command.answer_in(whole.substr(0, length))) << length;
    EXPECT_TRUE(command.answer_in(whole.substr(0, needed)));
}

TEST(TypedCommand, TellsTheStatus) {
    const auto answer =
        command.answer_in(begin + "sh: nonsense: not found\r\nklass-end-0000000000001234-127\r\n");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 127);
    EXPECT_FALSE(answer->ok());
}

TEST(TypedCommand, AnswerMayEndWithoutALine) {
    EXPECT_EQ(command.answer_in(begin + "no line end" + end)->output, "no line end");
    EXPECT_EQ(command.answer_in(begin + end)->output, "");
}

// The kernel writes whenever it likes: between lines, within a line, within a mark.
TEST(TypedCommand, TheKernelsLinesAreNotTheCommands) {
    const std::string kernels = "[   12.345678] e1000: eth0 NIC Link is Up\r\n";
    EXPECT_EQ(command.answer_in(recorded("a\r\n" + kernels + "b\r\n"))->output, "a\nb\n");
    EXPECT_EQ(command.answer_in(recorded("a" + kernels + "b\r\n"))->output, "ab\n");
    const std::string whole = recorded("a\r\n");
    for (std::size_t at = whole.find("\r\nklass-begin") + 2; at < whole.find("-0\r\n"); ++at)
        EXPECT_EQ(command.answer_in(whole.substr(0, at) + kernels + whole.substr(at))->output,
                  "a\n")
            << at;
    EXPECT_EQ(command.answer_in(recorded("[a.b] stays [1.2] [\r\n"))->output,
              "[a.b] stays [1.2] [\n");
}

TEST(TypedCommand, TypedTwiceIsAnsweredOnce) {
    EXPECT_EQ(command.answer_in(begin + begin + "x\r\n" + end + begin + "x\r\n" + end)->output,
              "x\n");
}

// The console swallowed the first line's beginning, and the line was typed again.
TEST(TypedCommand, AnEndFromALineWithoutABeginningIsPassedOver) {
    EXPECT_EQ(command.answer_in("x\r\n" + end + begin + "x\r\n" + end)->output, "x\n");
}

TEST(TypedCommand, MarksOfAnotherNumberAreNoAnswer) {
    EXPECT_FALSE(
        command.answer_in("klass-begin-0000000000009999\r\nklass-end-0000000000009999-0\n"));
}

TEST(TypedCommand, AnEndWithoutABeginningOrANumberIsNoAnswer) {
    EXPECT_FALSE(command.answer_in(end));
    EXPECT_FALSE(command.answer_in(begin + "klass-end-0000000000001234-\r\n"));
    EXPECT_FALSE(command.answer_in(begin + "klass-end-0000000000001234-99999999999999999999\r\n"));
    EXPECT_FALSE(command.answer_in(begin + "klass-end-0000000000001234-256\r\n"));
}

TEST(TypedCommand, AFloodIsCut) {
    const std::string flood(10 * longest_answer, '\n');
    EXPECT_EQ(command.answer_in(begin + flood + end)->output.size(), longest_answer);
    const std::string one_line(10 * longest_answer, '\xff');
    EXPECT_EQ(command.answer_in(begin + one_line + end)->output.size(), longest_answer);
}

TEST(TypedCommand, AnyBytesAreBorne) {
    const std::string zeroes(100, '\0');
    EXPECT_EQ(command.answer_in(begin + zeroes + end)->output, zeroes);
    EXPECT_FALSE(command.answer_in(""));
    EXPECT_FALSE(command.answer_in(std::string_view("\0\xff\r", 3)));
}

}  // namespace
}  // namespace klass::guest
