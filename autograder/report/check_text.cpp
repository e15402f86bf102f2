// SPDX-License-Identifier: Apache-2.0
#include "report/check_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <vector>

#include "judge/book.h"
#include "kernel/text.h"
#include "report/phrases.h"
#include "report/table_text.h"
#include "report/wrap.h"
#include "util/progress.h"

namespace klass::report {

namespace {

using judge::CheckResult;
using judge::Status;
using kernel::Frame;
using kernel::safe_text;

constexpr std::size_t detail_indent = 6;
constexpr std::size_t label_width = 10;

struct Mark {
    std::string_view unicode;
    std::string_view ascii;
    Colour colour;
};

Mark mark_of(Status status) {
    switch (status) {
        case Status::passed:
            return {"✓", "+", Colour::green};
        case Status::skipped:
            return {"–", "-", Colour::dim};
        case Status::judge_error:
            return {"!", "!", Colour::yellow};
        case Status::failed:
        case Status::timeout:
        case Status::crashed:
            break;
    }
    return {"✗", "x", Colour::red};
}

/** Collects the lines of a check's details: a label, and its text beside it. */
class Details {
  public:
    explicit Details(const TextStyle &style) : style_(style) {}

    /** Nothing for an empty text. */
    void add(std::string_view label, std::string_view text) {
        if (!text.empty())
            add_lines(label, wrapped(without_tabs(safe_text(text)), room()));
    }
    /** Lines that are each wrapped on their own; the label stands before the first. */
    void add(std::string_view label, std::span<const std::string> texts) {
        for (const std::string &text : texts) {
            add(label, text);
            label = {};
        }
    }
    /** Lines that lose their sense when wrapped: below the label, and cut. */
    void add_block(std::string_view label, std::string_view block) {
        if (block.empty())
            return;
        emit(painted(label, Colour::bold, style_));
        const std::string safe = without_tabs(safe_text(block));
        std::string_view rest = safe;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            emit(first_columns(rest.substr(0, end), columns()));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    /** Figures below their caption. */
    void add_table(const judge::Table &table) {
        for (const std::string &line : wrapped(one_line(caption(table)), columns()))
            emit(painted(line, Colour::bold, style_));
        for (const std::string &line : table_lines(table, columns()))
            emit(line);
    }
    [[nodiscard]] const std::string &text() const { return text_; }

  private:
    [[nodiscard]] std::size_t columns() const { return width_of(style_) - detail_indent; }
    [[nodiscard]] std::size_t room() const { return columns() - label_width; }
    void add_lines(std::string_view label, const std::vector<std::string> &lines) {
        for (const std::string &line : lines) {
            const std::string padded = fmt::format("{:<{}}", label, label_width);
            emit(painted(padded, label.empty() ? Colour::none : Colour::bold, style_) + line);
            label = {};
        }
    }
    void emit(std::string_view line) {
        fmt::format_to(std::back_inserter(text_), "{:{}}{}\n", "", line.empty() ? 0 : detail_indent,
                       line);
    }

    const TextStyle &style_;
    std::string text_;
};

/** The last @p most of a list; "..." stands for those before. */
std::vector<std::string> last_of(const std::vector<std::string> &all, std::size_t most) {
    if (all.size() <= most)
        return all;
    std::vector<std::string> last{"..."};
    last.insert(last.end(), all.end() - static_cast<std::ptrdiff_t>(most), all.end());
    return last;
}

/** "chardev.c:47, in cicv_read" */
std::string place_of(const Frame &frame) {
    return fmt::format("{}:{}, in {}", frame.file, frame.line, frame.function);
}

/** The student's frames, each with its line's text; those of other stacks say what they did. */
std::vector<std::string> students_frames(const std::vector<Frame> &frames) {
    constexpr std::size_t most = 6;
    std::vector<std::string> lines;
    std::size_t count = 0;
    std::string_view last_stack;
    for (const Frame &frame : frames) {
        if (frame.file.empty() || count++ >= most)
            continue;
        if (count > 1 && frame.stack == last_stack)
            lines.push_back("called from " + place_of(frame));
        else
            lines.push_back(frame.stack.empty() ? place_of(frame)
                                                : frame.stack + ": " + place_of(frame));
        last_stack = frame.stack;
        if (!frame.text.empty())
            lines.push_back("    " + frame.text);
    }
    if (count > most)
        lines.push_back(fmt::format("and {} more", count - most));
    return lines;
}

/** The kernel's own functions on the stack that the report blames. */
std::string kernels_frames(const std::vector<Frame> &frames) {
    constexpr std::size_t most = 8;
    std::vector<std::string> names;
    for (const Frame &frame : frames)
        if (frame.file.empty() && frame.reliable && frame.stack.empty() && names.size() < most)
            names.push_back(frame.module.empty()
                                ? frame.function
                                : fmt::format("{} [{}]", frame.function, frame.module));
    return fmt::format("{}", fmt::join(names, ", "));
}

void add_crash(const judge::Crash &crash, Details &details) {
    details.add("kernel", crash.kind + ": " + crash.summary);
    details.add("", crash.meaning);
    const std::vector<std::string> students = students_frames(crash.frames);
    const std::string kernels = kernels_frames(crash.frames);
    details.add("where", students);
    if (!kernels.empty())
        details.add(students.empty() ? "where" : "", "through " + kernels);
}

void add_failure(const CheckResult &check, Details &details) {
    constexpr std::size_t most_operations = 6;
    constexpr std::size_t most_log_lines = 6;
    if (check.status == Status::judge_error)
        details.add("", "The grader failed here, not you: no points are lost.");
    details.add("did", last_of(counted(check.did), most_operations));
    details.add("expected", check.expected);
    details.add("got", check.actual);
    details.add_block("difference", check.difference);
    if (check.crash)
        add_crash(*check.crash, details);
    else
        details.add("kernel", last_of(check.log, most_log_lines));
    details.add("hint", check.hint);
    details.add("book", judge::book_text(check.section, check.book));
    details.add("log", check.log_file);
    details.add("replay", check.replay);
}

}  // namespace

std::string painted(std::string_view text, Colour colour, const TextStyle &style) {
    // Select Graphic Rendition, console_codes(4).
    static constexpr std::array codes{"", "1", "2", "32", "31", "33"};
    if (!style.colour || colour == Colour::none || text.empty())
        return std::string(text);
    return fmt::format("\033[{}m{}\033[0m", codes.at(static_cast<std::size_t>(colour)), text);
}

std::size_t width_of(const TextStyle &style) {
    return std::max(style.width, 60U);
}

std::string mark_text(Status status, const TextStyle &style) {
    const Mark mark = mark_of(status);
    return painted(style.unicode ? mark.unicode : mark.ascii, mark.colour, style);
}

std::string check_line(const CheckResult &check, const TextStyle &style) {
    constexpr std::size_t before = 4;  // two blanks, the mark, a blank
    constexpr std::size_t after = 18;  // two blanks, the points, a blank, the duration
    const std::size_t room = width_of(style) - before - after;
    const std::vector<std::string> title = wrapped(one_line(check.title), room);
    const std::string points =
        !style.points ? ""
        : check.status == Status::judge_error
            ? "?"
            : fmt::format("{}/{}", points_text(check.score), points_text(check.max_score));
    const std::string time =
        check.status == Status::skipped ? "not run" : duration_text(check.duration);
    std::string text = fmt::format("  {} {}{:{}}  {:>7} {}\n", mark_text(check.status, style),
                                   title.front(), "", room - columns_of(title.front()), points,
                                   painted(fmt::format("{:>8}", time), Colour::dim, style));
    for (std::size_t line = 1; line < title.size(); ++line)
        text += fmt::format("{:{}}{}\n", "", before, title[line]);
    return text;
}

std::string check_details(const CheckResult &check, const TextStyle &style) {
    if (check.hidden)
        return {};
    Details details(style);
    if (check.status != Status::passed && check.status != Status::skipped)
        add_failure(check, details);
    for (const judge::Table &table : check.tables)
        details.add_table(table);
    return details.text();
}

std::string crash_details(const judge::Crash &crash, const TextStyle &style) {
    Details details(style);
    add_crash(crash, details);
    return details.text();
}

}  // namespace klass::report
