// SPDX-License-Identifier: Apache-2.0
#include "report/diagnostic_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/check_text.h"
#include "report/phrases.h"
#include "report/wrap.h"

namespace klass::report {

namespace {

/**
 * The source line with a caret under the column. GCC counts columns as displayed, with a tab every
 * eight (-fdiagnostics-column-unit, -ftabstop).
 */
std::string source_line(const kernel::Diagnostic &diagnostic, const TextStyle &style) {
    const std::string source = one_line(diagnostic.text);
    const std::size_t indentation = source.find_first_not_of(' ');
    if (indentation == std::string::npos)
        return {};
    const std::size_t room = width_of(style) - 4;
    const std::string_view shown =
        first_columns(std::string_view(source).substr(indentation), room);
    std::string text = fmt::format("    {}\n", shown);
    const auto column = static_cast<std::size_t>(std::max(diagnostic.column, 0));
    if (column > indentation && column - indentation <= columns_of(shown) + 1)
        text += fmt::format("    {:{}}{}\n", "", column - indentation - 1,
                            painted("^", Colour::green, style));
    return text;
}

}  // namespace

std::string diagnostic_details(const kernel::Diagnostic &diagnostic, const TextStyle &style) {
    const Colour colour = diagnostic.severity == "error" ? Colour::red : Colour::yellow;
    std::string text;
    for (const std::string &each : wrapped(diagnostic_text(diagnostic), width_of(style) - 2))
        text += "  " + painted(each, colour, style) + "\n";
    return text + source_line(diagnostic, style);
}

}  // namespace klass::report
