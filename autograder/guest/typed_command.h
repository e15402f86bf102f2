// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A command typed on a serial console, and how its answer is told from all else there.
 *
 * For a guest without the agent: whatever shell sits at the console is spoken to as a user would.
 * What is read was written by a guest that may be hostile: any bytes, any order. It can answer what
 * it likes, but not before it was asked, since the marks hold a random number.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace klass::guest {

/** Bytes of one answer that are kept. */
inline constexpr std::size_t longest_answer = std::size_t{64} << 10;

/** What a command came to. */
struct ShellAnswer {
    std::string output;  ///< without carriage returns and the kernel's own lines; any other bytes
    int status = 0;      ///< $? of the shell, 0 to 255

    [[nodiscard]] bool ok() const { return status == 0; }
};

/** One command for a POSIX shell. */
class TypedCommand {
  public:
    /**
     * @param command  one line, without a tab (a line editor's) and without unbalanced quotes
     * @param nonce    what the guest cannot know beforehand
     */
    TypedCommand(std::string command, std::uint64_t nonce);

    /**
     * What to type, line feed and all. It may be typed again when no answer came: a console that
     * nobody had opened yet swallows the beginning of a line. So it has no quotes of its own, which
     * could be left unbalanced.
     */
    [[nodiscard]] std::string line() const;

    /** The answer, if it stands whole in what the console showed. */
    [[nodiscard]] std::optional<ShellAnswer> answer_in(std::string_view console) const;

    [[nodiscard]] const std::string &command() const { return command_; }

  private:
    std::string command_;
    std::string nonce_;
};

}  // namespace klass::guest
