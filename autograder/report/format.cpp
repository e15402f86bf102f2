// SPDX-License-Identifier: Apache-2.0
#include "report/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "report/json.h"
#include "util/error.h"

namespace klass::report {

namespace {

std::string render_json(const judge::Verdict &verdict, const TextStyle & /*style*/) {
    return json_report(verdict).dump(2) + "\n";
}

constexpr std::array table{
    Format{"text", "for people, at a terminal", text_report},
    Format{"json", "for programs: klass-report/1", render_json},
};

}  // namespace

std::span<const Format> formats() {
    return table;
}

const Format &format_from(std::string_view name) {
    const auto *const found = std::find_if(
        table.begin(), table.end(), [&](const Format &format) { return format.name == name; });
    if (found != table.end())
        return *found;
    std::string names;
    for (const Format &format : table)
        fmt::format_to(std::back_inserter(names), "{}{}", names.empty() ? "" : ", ", format.name);
    throw UsageError(fmt::format("there is no report format \"{}\"", name),
                     "the formats are " + names);
}

}  // namespace klass::report
