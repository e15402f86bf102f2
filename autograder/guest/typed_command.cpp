// SPDX-License-Identifier: Apache-2.0
#include "guest/typed_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace klass::guest {

namespace {

constexpr std::string_view begin_mark = "klass-begin-";
constexpr std::string_view end_mark = "klass-end-";

/** Length of `[    1.234567] `, as printk writes with CONFIG_PRINTK_TIME; 0 when it is not there.
 */
std::size_t time_stamp(std::string_view text) {
    constexpr std::size_t digits = 6;
    const std::size_t end = text.find(']');
    if (!text.starts_with('[') || end == std::string_view::npos || end > 24)
        return 0;
    const std::string_view time = text.substr(1, end - 1);
    const std::size_t point = time.find('.');
    const bool is_time = point != std::string_view::npos && time.size() == point + 1 + digits &&
                         time.find_first_not_of(" 0123456789.") == std::string_view::npos;
    return is_time ? end + 1 : 0;
}

/**
 * Without carriage returns and without the kernel's own lines. The kernel writes whenever it likes,
 * in the midst of a line, too, which then goes on after the kernel's.
 */
std::string cleaned(std::string_view console) {
    std::string text;
    text.reserve(console.size());
    while (!console.empty()) {
        if (time_stamp(console) > 0) {
            const std::size_t end = console.find('\n');
            console.remove_prefix(end == std::string_view::npos ? console.size() : end + 1);
            continue;
        }
        if (console.front() != '\r')
            text.push_back(console.front());
        console.remove_prefix(1);
    }
    return text;
}

/** The number that a text begins with; nothing when it is none, or not at its end yet. */
std::optional<int> status_in(std::string_view text) {
    constexpr int most = 255;
    const std::size_t length = text.find_first_not_of("0123456789");
    if (length == std::string_view::npos)
        return std::nullopt;
    int status = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + length, status);
    if (parsed.ec != std::errc() || status > most)
        return std::nullopt;
    return status;
}

}  // namespace

TypedCommand::TypedCommand(std::string command, std::uint64_t nonce)
    : command_(std::move(command)), nonce_(fmt::format("{:016x}", nonce)) {}

std::string TypedCommand::line() const {
    // The terminal echoes what is typed: the backslash keeps the echo from looking like the mark.
    return fmt::format("\necho klass\\-begin-{0}; {1}; echo klass\\-end-{0}-$?\n", nonce_,
                       command_);
}

std::optional<ShellAnswer> TypedCommand::answer_in(std::string_view console) const {
    const std::string begin_text = fmt::format("{}{}", begin_mark, nonce_);
    const std::string end_text = fmt::format("{}{}-", end_mark, nonce_);
    const std::string text = cleaned(console);
    std::size_t begin = text.find(begin_text);
    if (begin == std::string::npos)
        return std::nullopt;
    // A line whose beginning was swallowed may have left an end before.
    const std::size_t end = text.find(end_text, begin);
    if (end == std::string::npos)
        return std::nullopt;
    const auto status = status_in(std::string_view(text).substr(end + end_text.size()));
    if (!status)
        return std::nullopt;
    // Of a line that was typed twice, the last beginning before the end.
    begin = text.rfind(begin_text, end) + begin_text.size();
    const std::size_t line_end = std::min(text.find('\n', begin), end);
    const std::size_t first = std::min(line_end + 1, end);
    return ShellAnswer{.output = text.substr(first, std::min(end - first, longest_answer)),
                       .status = *status};
}

}  // namespace klass::guest
