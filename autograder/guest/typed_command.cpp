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

/** `[    1.234567] text`, as printk writes with CONFIG_PRINTK_TIME. */
bool is_of_the_kernel(std::string_view line) {
    const std::size_t bracket = line.find(']');
    if (!line.starts_with('[') || bracket == std::string_view::npos || bracket < 3)
        return false;
    const std::string_view time = line.substr(1, bracket - 1);
    return time.find('.') != std::string_view::npos &&
           time.find_first_not_of(" 0123456789.") == std::string_view::npos;
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

/** Without what is not the command's. */
std::string cleaned(std::string_view text) {
    std::string output;
    while (!text.empty() && output.size() < longest_answer) {
        const std::size_t end = text.find('\n');
        const std::size_t length = end == std::string_view::npos ? text.size() : end + 1;
        const std::string_view line = text.substr(0, length);
        text.remove_prefix(length);
        if (!is_of_the_kernel(line))
            std::copy_if(line.begin(), line.end(), std::back_inserter(output),
                         [](char character) { return character != '\r'; });
    }
    output.resize(std::min(output.size(), longest_answer));
    return output;
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
    std::size_t begin = console.find(begin_text);
    if (begin == std::string_view::npos)
        return std::nullopt;
    // A line whose beginning was swallowed may have left an end before.
    const std::size_t end = console.find(end_text, begin);
    if (end == std::string_view::npos)
        return std::nullopt;
    const auto status = status_in(console.substr(end + end_text.size()));
    if (!status)
        return std::nullopt;
    begin = console.substr(0, end).rfind(begin_text) + begin_text.size();
    std::string_view output = console.substr(begin, end - begin);
    output.remove_prefix(std::min(output.find('\n'), output.size() - 1) + 1);
    return ShellAnswer{.output = cleaned(output), .status = *status};
}

}  // namespace klass::guest
