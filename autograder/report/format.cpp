// SPDX-License-Identifier: Apache-2.0
#include "report/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>

#include "report/github.h"
#include "report/gradescope.h"
#include "report/html.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/ktap.h"
#include "report/sarif.h"
#include "util/error.h"

namespace klass::report {

namespace {

std::string render_json(const judge::Verdict &verdict, const TextStyle & /*style*/) {
    return json_report(verdict).dump(2) + "\n";
}

/** A format that does not heed the style. */
template <std::string (*render)(const judge::Verdict &)>
std::string unstyled(const judge::Verdict &verdict, const TextStyle & /*style*/) {
    return render(verdict);
}

constexpr std::array table{
    Format{"text", "for people, at a terminal", text_report},
    Format{"json", "for programs: klass-report/1", render_json},
    Format{"html", "one page for people, to read, print or send", unstyled<html_report>},
    Format{"junit", "JUnit XML, for Jenkins, GitLab and the like", unstyled<junit_report>},
    Format{"ktap", "KTAP version 1, the kernel's format of test results", unstyled<ktap_report>},
    Format{"gradescope", "results.json for Gradescope", unstyled<gradescope_report>},
    Format{"sarif", "SARIF 2.1.0: faults by line, for editors and code hosts",
           unstyled<sarif_report>},
    Format{"github", "annotations for a job of GitHub Actions", unstyled<github_report>},
};

}  // namespace

std::span<const Format> formats() {
    return table;
}

std::string format_names() {
    std::string names;
    for (const Format &format : table)
        fmt::format_to(std::back_inserter(names), "{}{}", names.empty() ? "" : ", ", format.name);
    return names;
}

const Format &format_from(std::string_view name) {
    const auto *const found = std::find_if(
        table.begin(), table.end(), [&](const Format &format) { return format.name == name; });
    if (found != table.end())
        return *found;
    throw UsageError(fmt::format("there is no report format \"{}\"", name),
                     "the formats are " + format_names());
}

}  // namespace klass::report
