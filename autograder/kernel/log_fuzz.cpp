// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Fuzzes the reading of a console, which a submission writes as it likes.
 */
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "kernel/log.h"
#include "kernel/text.h"

namespace {

using namespace klass::kernel;

bool is_sane(const LogReport &report) {
    const auto all = kinds();
    return std::any_of(all.begin(), all.end(),
                       [&report](const Kind &kind) { return kind.name == report.kind; }) &&
           !report.meaning.empty() && report.lines.size() <= most_report_lines &&
           report.frames.size() <= most_report_frames + 1 &&
           report.summary.size() <= 3 * longest_console_line &&
           safe_text(report.summary) == report.summary;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto lines = console_lines({reinterpret_cast<const char *>(data), size});
    const auto reports = classify(lines);
    if (lines.size() > most_console_lines || reports.size() > most_reports ||
        !std::all_of(reports.begin(), reports.end(), is_sane))
        std::abort();
    parse_stack(lines);
    return 0;
}
