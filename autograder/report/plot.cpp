// SPDX-License-Identifier: Apache-2.0
#include "report/plot.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "report/markup.h"
#include "report/phrases.h"
#include "report/table_text.h"
#include "report/wrap.h"

namespace klass::report {

namespace {

using judge::Curve;
using judge::Table;

// Of the view box, in which a text is as large as on the page when the page is this wide.
constexpr double width = 720;
constexpr double height = 330;
constexpr double left = 92;
constexpr double right = width - 168;  // the curves' names stand beside their ends
constexpr double top = 34;
constexpr double bottom = height - 52;
constexpr double character = 7.2;  // as wide as a digit, at most

constexpr double line_height = 18;
constexpr std::size_t styles = 6;

std::string number(double value) {
    return fmt::format("{:.1f}", value);
}

struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    void include(double value) {
        if (!std::isfinite(value))
            return;
        low = std::min(low, value);
        high = std::max(high, value);
    }
};

Range range_of(const Table &table) {
    Range range;
    for (const Curve &curve : table.curves)
        for (const double value : curve.values)
            range.include(value);
    return range;
}

/** From values to places of the picture, along one axis. */
class Axis {
  public:
    Axis(Range range, bool logarithmic, double start, double end)
        : range_(range), logarithmic_(logarithmic), start_(start), end_(end) {}

    [[nodiscard]] double place(double value) const {
        const double part =
            (scaled(value) - scaled(range_.low)) / (scaled(range_.high) - scaled(range_.low));
        return start_ + part * (end_ - start_);
    }
    [[nodiscard]] bool logarithmic() const { return logarithmic_; }
    [[nodiscard]] bool holds(double value) const {
        return value >= range_.low && value <= range_.high;
    }
    [[nodiscard]] const Range &range() const { return range_; }

  private:
    [[nodiscard]] double scaled(double value) const {
        return logarithmic_ ? std::log10(value) : value;
    }

    Range range_;
    bool logarithmic_;
    double start_;
    double end_;
};

/** Multiples of 1, 2 or 5 times a power of ten. */
std::vector<double> linear_ticks(const Range &range) {
    constexpr int about = 5;
    const double rough = (range.high - range.low) / about;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    double step = 10 * power;
    for (const double digit : {5.0, 2.0, 1.0})
        if (digit * power >= rough)
            step = digit * power;
    std::vector<double> ticks;
    const double first = std::ceil(range.low / step - 1e-9);
    const double last = std::floor(range.high / step + 1e-9);
    for (int i = 0; i <= static_cast<int>(last - first); ++i)
        ticks.push_back((first + i) * step);
    return ticks;
}

/** 1, 2, 5, 10, 20, ... within the axis; only the powers of ten when those are enough. */
std::vector<double> logarithmic_ticks(const Range &range) {
    constexpr std::size_t few = 3;
    constexpr std::size_t most = 7;
    std::vector<double> powers;
    std::vector<double> all;
    const int first = static_cast<int>(std::floor(std::log10(range.low)));
    const int last = static_cast<int>(std::ceil(std::log10(range.high)));
    for (int exponent = first; exponent <= last; ++exponent)
        for (const double digit : {1.0, 2.0, 5.0}) {
            const double value = digit * std::pow(10.0, exponent);
            if (value < range.low || value > range.high)
                continue;
            all.push_back(value);
            if (digit == 1.0)
                powers.push_back(value);
        }
    // Within less than a decade even steps are easier to read.
    if (all.size() < few)
        return linear_ticks(range);
    if (powers.size() < few)
        return all;
    std::vector<double> ticks;
    const std::size_t step = (powers.size() + most - 1) / most;
    for (std::size_t i = 0; i < powers.size(); i += step)
        ticks.push_back(powers[i]);
    return ticks;
}

/** The axis of the x values, and nothing beyond them. */
std::optional<Axis> x_axis_of(const Table &table) {
    constexpr double two_decades = 100;
    const Range range{table.x.front(), table.x.back()};
    if (table.x.size() < 2 || !std::isfinite(range.high - range.low))
        return std::nullopt;
    const bool logarithmic = range.low > 0 && range.high / range.low > two_decades;
    return Axis(range, logarithmic, left, right);
}

/** The axis of the values, with a little room around them; a linear one begins at nought. */
std::optional<Axis> y_axis_of(const Table &table, bool logarithmic) {
    Range range = range_of(table);
    if (!std::isfinite(range.low) || !std::isfinite(range.high - range.low))
        return std::nullopt;
    if (logarithmic && range.low > 0) {
        constexpr double room = 1.25;
        return Axis({range.low / room, range.high * room}, true, bottom, top);
    }
    range.include(0);
    if (range.low == range.high)
        range.high = range.low + 1;
    const double room = (range.high - range.low) / 20;
    return Axis({range.low < 0 ? range.low - room : 0, range.high + room}, false, bottom, top);
}

void add_line(pugi::xml_node parent, const char *style, double x1, double y1, double x2,
              double y2) {
    add(parent, "line",
        {{"class", style},
         {"x1", number(x1)},
         {"y1", number(y1)},
         {"x2", number(x2)},
         {"y2", number(y2)}});
}

void add_label(pugi::xml_node parent, double x, double y, const char *anchor,
               std::string_view text) {
    add(parent, "text", {{"x", number(x)}, {"y", number(y)}, {"text-anchor", anchor}}, text);
}

void add_y_axis(pugi::xml_node parent, const Axis &axis) {
    const std::vector<double> ticks =
        axis.logarithmic() ? logarithmic_ticks(axis.range()) : linear_ticks(axis.range());
    const std::vector<std::string> texts = figure_texts(ticks);
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        const double y = axis.place(ticks[i]);
        add_line(parent, "grid", left, y, right, y);
        add_label(parent, left - 10, y + 4, "end", texts[i]);
    }
}

/** Ticks at the very values that were measured, as long as there are few of them. */
void add_x_axis(pugi::xml_node parent, const Axis &axis, const Table &table) {
    constexpr std::size_t few = 12;
    std::vector<double> ticks = table.x;
    if (ticks.size() > few)
        ticks = axis.logarithmic() ? logarithmic_ticks(axis.range()) : linear_ticks(axis.range());
    const std::vector<std::string> texts = figure_texts(ticks);
    add_line(parent, "axis", left, bottom, right, bottom);
    double free = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        const double x = axis.place(ticks[i]);
        const double half = static_cast<double>(columns_of(texts[i])) * character / 2;
        add_line(parent, "axis", x, bottom, x, bottom + 5);
        // A label for which there is no room is left out; its tick stays.
        if (x - half < free)
            continue;
        add_label(parent, x, bottom + 20, "middle", texts[i]);
        free = x + half + character;
    }
    add_label(parent, (left + right) / 2, bottom + 42, "middle", one_line(table.x_axis));
}

/** The mark of a curve's point: a shape of its own for each style. */
void add_mark(pugi::xml_node parent, std::size_t style, double x, double y) {
    static constexpr std::array shapes{"M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z",
                                       "M-3.6,-3.6h7.2v7.2h-7.2z",
                                       "M0,-4.8L4.6,3.6H-4.6z",
                                       "M0,-5L5,0L0,5L-5,0z",
                                       "M0,4.8L4.6,-3.6H-4.6z",
                                       "M-4,-4L4,4M-4,4L4,-4"};
    add(parent, "path",
        {{"class", "mark"},
         {"transform", fmt::format("translate({:.1f},{:.1f})", x, y)},
         {"d", shapes.at(style % shapes.size())}});
}

struct Point {
    double x;
    double y;
};

/** A curve as it is drawn, and where its name stands. */
struct Drawn {
    std::size_t style = 0;
    std::string name;
    std::string path;
    std::vector<Point> points;
    double label = 0;
};

Drawn drawn(const Curve &curve, std::size_t index, const Table &table, const Axis &x_axis,
            const Axis &y_axis) {
    constexpr std::size_t most_characters = 20;
    const std::string name = one_line(curve.name);
    Drawn result{.style = index % styles, .name = name};
    if (columns_of(name) > most_characters)
        result.name = std::string(first_columns(name, most_characters - 1)) + "…";
    bool pen_down = false;
    for (std::size_t i = 0; i < table.x.size(); ++i) {
        const double value = curve.values[i];
        // Where nothing was measured there is a gap, not a guess.
        const bool shown = std::isfinite(value) && y_axis.holds(value);
        if (shown) {
            const Point point{x_axis.place(table.x[i]), y_axis.place(value)};
            result.path += fmt::format("{}{:.1f},{:.1f}", pen_down ? "L" : "M", point.x, point.y);
            result.points.push_back(point);
        }
        pen_down = shown;
    }
    if (!result.points.empty())
        result.label = result.points.back().y;
    return result;
}

/** Moves names apart that would stand upon each other, and keeps them within the picture. */
void spread_labels(std::vector<Drawn> &curves) {
    std::vector<Drawn *> order;
    for (Drawn &curve : curves)
        order.push_back(&curve);
    std::stable_sort(order.begin(), order.end(),
                     [](const Drawn *a, const Drawn *b) { return a->label < b->label; });
    double free = top;
    for (Drawn *curve : order) {
        curve->label = std::max(curve->label, free);
        free = curve->label + line_height;
    }
    double limit = bottom;
    for (auto curve = order.rbegin(); curve != order.rend(); ++curve) {
        (*curve)->label = std::min((*curve)->label, limit);
        limit = (*curve)->label - line_height;
    }
}

void add_curve(pugi::xml_node parent, const Drawn &curve) {
    pugi::xml_node group =
        add(parent, "g", {{"class", fmt::format("curve curve-{}", curve.style + 1)}});
    add(group, "path", {{"class", "line"}, {"d", curve.path}});
    for (const Point &point : curve.points)
        add_mark(group, curve.style, point.x, point.y);
    add_mark(group, curve.style, right + 18, curve.label);
    add_label(group, right + 29, curve.label + 4, "start", curve.name);
}

}  // namespace

bool add_plot(pugi::xml_node parent, const Table &table) {
    const std::optional<Axis> x_axis = x_axis_of(table);
    if (!x_axis)
        return false;
    const std::optional<Axis> y_axis = y_axis_of(table, x_axis->logarithmic());
    if (!y_axis)
        return false;
    std::vector<Drawn> curves;
    std::vector<std::string> names;
    for (const Curve &curve : table.curves) {
        Drawn next = drawn(curve, names.size(), table, *x_axis, *y_axis);
        names.push_back(one_line(curve.name));
        if (!next.points.empty())
            curves.push_back(std::move(next));
    }
    spread_labels(curves);

    pugi::xml_node svg = add(
        parent, "svg",
        {{"class", "plot"}, {"viewBox", fmt::format("0 0 {} {}", width, height)}, {"role", "img"}});
    // A screen reader takes name and description from these: https://www.w3.org/TR/svg-aam-1.0/
    add(svg, "title", {}, one_line(caption(table)));
    add(svg, "desc", {},
        fmt::format("Curves of {} over {}, on {} axes. The table beside it has the figures.",
                    fmt::format("{}", fmt::join(names, ", ")), one_line(table.x_axis),
                    y_axis->logarithmic()   ? "logarithmic"
                    : x_axis->logarithmic() ? "a logarithmic and a linear"
                                            : "linear"));
    add_label(svg, left, top - 16, "start", one_line(table.unit));
    add_y_axis(svg, *y_axis);
    add_x_axis(svg, *x_axis, table);
    for (const Drawn &curve : curves)
        add_curve(svg, curve);
    return true;
}

}  // namespace klass::report
