// SPDX-License-Identifier: Apache-2.0
#include "kernel/stack_trace.h"

#include <algorithm>
#include <charconv>

namespace klass::kernel {

namespace {

// KSYM_NAME_LEN of include/linux/kallsyms.h.
constexpr std::size_t longest_symbol = 512;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_symbol(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           c == '.' || c == '$';
}

bool take(std::string_view &text, std::string_view prefix) {
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

void skip_spaces(std::string_view &text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

std::optional<std::uint64_t> take_hex(std::string_view &text) {
    std::uint64_t value = 0;
    if (!take(text, "0x"))
        return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{})
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

std::string_view take_symbol(std::string_view &text) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_symbol);
    const auto symbol = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(symbol.size());
    return symbol;
}

// " [module]" or " [module 0123abcd...]"; "[0123abcd...]" alone is the kernel's own build id.
std::string take_module(std::string_view &text) {
    std::string_view rest = text;
    if (!take(rest, " ["))
        return {};
    const std::string_view name = take_symbol(rest);
    const bool build_id_follows = take(rest, " ");
    if (build_id_follows)
        take_symbol(rest);
    if (name.empty() || !take(rest, "]"))
        return {};
    text = rest;
    const bool only_a_build_id =
        !build_id_follows && name.size() == 40 &&
        name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    return only_a_build_id ? std::string{} : std::string{name};
}

// function+0x1c/0x80 [module], at the start of the text.
std::optional<Frame> take_frame(std::string_view &text) {
    std::string_view rest = text;
    Frame frame;
    const std::string_view function = take_symbol(rest);
    if (function.empty() || function.size() > longest_symbol || is_digit(function[0]) ||
        !take(rest, "+"))
        return std::nullopt;
    const auto offset = take_hex(rest);
    if (!offset || !take(rest, "/"))
        return std::nullopt;
    const auto size = take_hex(rest);
    if (!size)
        return std::nullopt;
    frame.function = function;
    frame.offset = *offset;
    frame.size = *size;
    frame.module = take_module(rest);
    text = rest;
    return frame;
}

}  // namespace

std::optional<Frame> parse_frame(std::string_view line) {
    skip_spaces(line);
    bool exact = false;
    bool reliable = true;
    if (take(line, "RIP: ")) {
        // The selector of the kernel's code, __KERNEL_CS.
        if (!take(line, "0010:"))
            return std::nullopt;
        exact = true;
    } else if (take(line, "[<")) {
        const auto end = line.find(">] ");
        if (end > 16 || line.find_first_not_of("0123456789abcdef") != end)
            return std::nullopt;
        line.remove_prefix(end + 3);
    } else if (take(line, "? ")) {
        reliable = false;
    }
    auto frame = take_frame(line);
    if (!frame) {
        std::string_view rest = line;
        if (!take_hex(rest))
            return std::nullopt;
        frame.emplace();
        frame->function = line.substr(0, line.size() - rest.size());
        line = rest;
    }
    skip_spaces(line);
    if (!line.empty())
        return std::nullopt;
    frame->exact = exact;
    frame->reliable = reliable;
    return frame;
}

std::optional<Frame> find_frame(std::string_view text) {
    for (auto plus = text.find("+0x"); plus != std::string_view::npos;
         plus = text.find("+0x", plus + 1)) {
        std::size_t start = plus;
        while (start > 0 && plus - start < longest_symbol && is_symbol(text[start - 1]))
            --start;
        std::string_view rest = text.substr(start);
        if (auto frame = take_frame(rest))
            return frame;
    }
    return std::nullopt;
}

std::vector<Frame> parse_stack(std::span<const std::string> lines) {
    std::vector<Frame> frames;
    for (const auto &line : lines)
        if (auto frame = parse_frame(line))
            frames.push_back(std::move(*frame));
    return frames;
}

}  // namespace klass::kernel
