// SPDX-License-Identifier: Apache-2.0
#include "report/table_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "report/phrases.h"
#include "report/wrap.h"
#include "util/bytes.h"

namespace klass::report {

namespace {

constexpr std::size_t most_decimals = 6;

/** How many decimals show the figure as well as @p most do. */
std::size_t decimals_of(double figure, std::size_t most) {
    const std::string digits = fmt::format("{:.{}f}", figure, most);
    return most - (digits.size() - 1 - digits.find_last_not_of('0'));
}

/** How many decimals keep three digits of the least figure that has any after its point. */
std::size_t decimals_of(std::span<const double> figures) {
    constexpr double three_digits = 100;
    std::size_t decimals = 0;
    for (const double figure : figures) {
        const double size = std::abs(figure);
        if (!std::isfinite(size) || size == std::round(size))
            continue;
        double shown = size;
        std::size_t wanted = 0;
        while (wanted < most_decimals && shown < three_digits) {
            shown *= 10;
            ++wanted;
        }
        if (wanted > 0)
            decimals = std::max(decimals, decimals_of(size, wanted));
    }
    return decimals;
}

std::string figure_text(double figure, std::size_t decimals) {
    constexpr double most_grouped = 1e15;
    if (!std::isfinite(figure))
        return "-";
    if (std::abs(figure) >= most_grouped)
        return fmt::format("{:.3g}", figure);
    const std::string digits = fmt::format("{:.{}f}", std::abs(figure), decimals);
    const std::size_t point = std::min(digits.find('.'), digits.size());
    const bool zero = digits.find_first_not_of("0.") == std::string::npos;
    return (figure < 0 && !zero ? "-" : "") + grouped(std::stoull(digits.substr(0, point))) +
           digits.substr(point);
}

/** A column of the table: its heading in lines, its cells, its width. */
struct Column {
    std::vector<std::string> heading;
    std::vector<std::string> cells;
    std::size_t width = 0;
};

Column column_of(std::string_view name, std::span<const double> figures, std::size_t room) {
    // A long name takes several lines rather than the room of the other curves.
    constexpr std::size_t comfortable = 14;
    Column column{.cells = figure_texts(figures)};
    for (const std::string &cell : column.cells)
        column.width = std::max(column.width, columns_of(cell));
    column.heading = wrapped(one_line(name), std::min(room, std::max(column.width, comfortable)));
    for (const std::string &line : column.heading)
        column.width = std::max(column.width, columns_of(line));
    return column;
}

constexpr std::size_t gap = 3;

void append_cell(std::string &line, const std::string &text, std::size_t width) {
    line.append(line.empty() ? 0 : gap, ' ');
    line.append(width - std::min(width, columns_of(text)), ' ').append(text);
}

void append_lines(std::span<const Column> columns, std::vector<std::string> &lines) {
    std::size_t heading = 0;
    for (const Column &column : columns)
        heading = std::max(heading, column.heading.size());
    for (std::size_t row = 0; row < heading; ++row) {
        std::string line;
        for (const Column &column : columns) {
            // The headings end in the same line, just above the figures.
            const std::size_t above = heading - column.heading.size();
            append_cell(line, row < above ? std::string() : column.heading[row - above],
                        column.width);
        }
        lines.push_back(std::move(line));
    }
    for (std::size_t row = 0; row < columns.front().cells.size(); ++row) {
        std::string line;
        for (const Column &column : columns)
            append_cell(line, column.cells[row], column.width);
        lines.push_back(std::move(line));
    }
}

}  // namespace

std::vector<std::string> figure_texts(std::span<const double> figures) {
    const std::size_t decimals = decimals_of(figures);
    std::vector<std::string> texts;
    for (const double figure : figures)
        texts.push_back(figure_text(figure, decimals));
    return texts;
}

std::string caption(const judge::Table &table) {
    return table.unit.empty() ? table.title : fmt::format("{}, in {}", table.title, table.unit);
}

std::vector<std::string> table_lines(const judge::Table &table, std::size_t columns) {
    std::vector<std::string> lines;
    const std::size_t room = (columns - gap) / 2;
    std::vector<Column> block{column_of(table.x_axis, table.x, room)};
    std::size_t width = block.front().width;
    for (const judge::Curve &curve : table.curves) {
        Column column = column_of(curve.name, curve.values, room);
        if (block.size() > 1 && width + gap + column.width > columns) {
            append_lines(block, lines);
            lines.emplace_back();
            block.resize(1);
            width = block.front().width;
        }
        width += gap + column.width;
        block.push_back(std::move(column));
    }
    append_lines(block, lines);
    return lines;
}

}  // namespace klass::report
