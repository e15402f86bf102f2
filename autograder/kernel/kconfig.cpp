// SPDX-License-Identifier: Apache-2.0
#include "kernel/kconfig.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "util/lines.h"

namespace klass::kernel {

namespace {

constexpr std::string_view off = "n";

/** `CONFIG_X=value`, or `# CONFIG_X is not set`, which Kconfig reads as a setting too. */
std::optional<std::pair<std::string, std::string>> setting_of(std::string_view line) {
    const std::size_t last = line.find_last_not_of(" \t\r");
    line = line.substr(0, last == std::string_view::npos ? 0 : last + 1);
    if (line.starts_with("# CONFIG_") && line.ends_with(" is not set")) {
        line.remove_prefix(2);
        return std::pair(std::string(line.substr(0, line.find(' '))), std::string(off));
    }
    const std::size_t equals = line.find('=');
    if (!line.starts_with("CONFIG_") || equals == std::string_view::npos)
        return std::nullopt;
    return std::pair(std::string(line.substr(0, equals)), std::string(line.substr(equals + 1)));
}

}  // namespace

std::vector<DroppedOption> dropped_options(std::string_view fragment, std::string_view config) {
    std::map<std::string, std::string> actual;
    for_each_line(config, [&](std::string_view line) {
        if (auto setting = setting_of(line))
            actual.insert_or_assign(setting->first, setting->second);
    });

    std::map<std::string, DroppedOption> requested;
    int number = 0;
    for_each_line(fragment, [&](std::string_view line) {
        ++number;
        if (const auto setting = setting_of(line))
            requested.insert_or_assign(setting->first, DroppedOption{.name = setting->first,
                                                                     .requested = setting->second,
                                                                     .became = std::string(off),
                                                                     .line = number,
                                                                     .reason = {}});
    });

    std::vector<DroppedOption> dropped;
    for (auto &[name, option] : requested) {
        if (const auto found = actual.find(name); found != actual.end())
            option.became = found->second;
        if (option.became != option.requested)
            dropped.push_back(std::move(option));
    }
    std::sort(dropped.begin(), dropped.end(),
              [](const auto &a, const auto &b) { return a.line < b.line; });
    return dropped;
}

std::vector<StrangeLine> strange_lines(std::string_view fragment) {
    std::vector<StrangeLine> strange;
    int number = 0;
    for_each_line(fragment, [&](std::string_view line) {
        ++number;
        const std::string_view text = trimmed(line);
        // A setting begins at the line's very beginning (scripts/kconfig/confdata.c).
        if (!text.empty() && !text.starts_with('#') && !setting_of(line))
            strange.push_back({.text = std::string(text), .line = number});
    });
    return strange;
}

std::optional<std::string> setting_in(std::string_view fragment, std::string_view name) {
    std::optional<std::string> value;
    for_each_line(fragment, [&](std::string_view line) {
        if (auto setting = setting_of(line); setting && setting->first == name)
            value = std::move(setting->second);
    });
    return value;
}

}  // namespace klass::kernel
