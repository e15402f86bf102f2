// SPDX-License-Identifier: Apache-2.0
#include "desk/watch_picture.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "report/check_text.h"
#include "report/phrases.h"
#include "report/wrap.h"

namespace klass::desk {

namespace {

using judge::Status;
using report::Colour;
using report::painted;
using report::TextStyle;

void append_lines(std::vector<std::string> &lines, std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

bool is_open(const CheckPicture &check) {
    return check.result && check.result->status != Status::passed &&
           check.result->status != Status::skipped;
}

/** A check of which this grading knows nothing yet. */
std::string waiting_line(const CheckPicture &check, const TextStyle &style) {
    const std::string_view mark = check.running ? (style.unicode ? "…" : "*") : " ";
    return painted(fmt::format("  {} {}", mark, report::one_line(check.title)), Colour::dim, style);
}

/** What was found out in an earlier grading, without colours and dim: it may be mended by now. */
void append_old(std::vector<std::string> &lines, const CheckPicture &check,
                const TextStyle &style) {
    TextStyle plain = style;
    plain.colour = false;
    std::vector<std::string> old;
    append_lines(old, report::check_line(*check.result, plain));
    append_lines(old, report::check_details(*check.result, plain));
    for (const std::string &line : old)
        lines.push_back(painted(line, Colour::dim, style));
}

void append_open(std::vector<std::string> &lines, const WatchPicture &picture,
                 const TextStyle &style) {
    for (const CheckPicture &check : picture.checks) {
        if (!is_open(check))
            continue;
        if (check.fresh) {
            append_lines(lines, report::check_line(*check.result, style));
            append_lines(lines, report::check_details(*check.result, style));
        } else {
            append_old(lines, check, style);
        }
        lines.emplace_back();
    }
}

void append_others(std::vector<std::string> &lines, const WatchPicture &picture,
                   const TextStyle &style) {
    for (const CheckPicture &check : picture.checks) {
        if (is_open(check))
            continue;
        if (check.fresh && check.result)
            append_lines(lines, report::check_line(*check.result, style));
        else
            lines.push_back(waiting_line(check, style));
    }
}

std::vector<std::string> help_lines() {
    return {"",
            "  Save a file, and it is graded again: first the checks that failed.",
            "  If only comments have changed, nothing is graded.",
            "",
            "  r, Enter     grade again, with other random choices",
            "  h            one more hint for the first check that failed; it costs no points",
            "  Esc          put the hint away",
            "  Up, Down     scroll; Page Up, Page Down, Home, End too",
            "  ?            this help, and back",
            "  Ctrl-Z       put the watch aside; fg brings it back",
            "  q, Ctrl-C    quit",
            ""};
}

std::vector<std::string> middle_of(const WatchPicture &picture, const TextStyle &style) {
    if (picture.help)
        return help_lines();
    std::vector<std::string> lines;
    if (!picture.problem.empty()) {
        for (const std::string &line :
             report::wrapped(report::one_line(picture.problem), report::width_of(style) - 2))
            lines.push_back("  " + painted(line, Colour::red, style));
        lines.emplace_back();
    }
    if (!picture.hint.empty()) {
        std::vector<std::string> hint;
        append_lines(hint, picture.hint);
        for (const std::string &line : hint)
            lines.push_back("  " + line);
        lines.emplace_back();
    }
    if (picture.build && !picture.build->ok) {
        append_lines(lines, report::build_text(*picture.build, style));
        return lines;
    }
    append_open(lines, picture, style);
    append_others(lines, picture, style);
    if (picture.build)
        append_lines(lines, report::build_text(*picture.build, style));
    return lines;
}

Colour colour_of(judge::Outcome outcome) {
    switch (outcome) {
        case judge::Outcome::accepted:
            return Colour::green;
        case judge::Outcome::partial:
        case judge::Outcome::judge_error:
            return Colour::yellow;
        default:
            return Colour::red;
    }
}

std::string score_line(const WatchPicture &picture, const TextStyle &style) {
    if (picture.when.empty())
        return {};
    const std::string score = picture.score.empty() ? "" : picture.score + ", ";
    return fmt::format(
        "{}  {}{}", painted(report::words_of(picture.outcome), colour_of(picture.outcome), style),
        score, painted(picture.when, Colour::dim, style));
}

std::string status_line(const WatchPicture &picture) {
    if (!picture.progress.empty())
        return picture.progress;
    std::vector<std::string> running;
    std::size_t done = 0;
    for (const CheckPicture &check : picture.checks) {
        if (check.running)
            running.push_back(check.id);
        done += check.fresh ? 1 : 0;
    }
    switch (picture.phase) {
        case Phase::starting:
            return "getting ready";
        case Phase::building:
            return "building";
        case Phase::checking:
            return fmt::format("{} of {} checks done{}{}", done, picture.checks.size(),
                               running.empty() ? "" : ", running: ", fmt::join(running, ", "));
        case Phase::waiting:
            break;
    }
    return picture.note.empty() ? "waiting for a save" : picture.note + "; waiting for a save";
}

std::string rule(unsigned columns, const TextStyle &style) {
    std::string line;
    for (unsigned i = 0; i < columns; ++i)
        line += style.unicode ? "─" : "-";
    return painted(line, Colour::dim, style);
}

}  // namespace

std::string cut_to(std::string_view text, std::size_t columns) {
    std::string cut;
    bool coloured = false;
    std::size_t used = 0;
    while (!text.empty()) {
        if (text.starts_with("\033[")) {
            const std::size_t end = std::min(text.find('m'), text.size() - 1) + 1;
            cut += text.substr(0, end);
            coloured = text.substr(0, end) != "\033[0m";
            text.remove_prefix(end);
            continue;
        }
        const std::string_view character = report::first_columns(text, 1);
        if (used == columns)
            break;
        cut += character;
        text.remove_prefix(character.size());
        ++used;
    }
    return coloured ? cut + "\033[0m" : cut;
}

Frame draw(const WatchPicture &picture, unsigned columns, unsigned rows, std::size_t scroll,
           const TextStyle &wished) {
    TextStyle style = wished;
    style.width = columns;
    std::vector<std::string> above{
        painted(picture.heading, Colour::bold, style) + "  " +
            painted(report::one_line(picture.folder), Colour::dim, style),
        score_line(picture, style), rule(columns, style)};
    std::vector<std::string> below{
        rule(columns, style), painted(report::one_line(status_line(picture)), Colour::bold, style),
        painted("q quit   r grade again   h hint   ? help", Colour::dim, style)};
    Frame frame;
    const std::size_t fixed = above.size() + below.size();
    if (rows <= fixed) {
        // So small a window shows what matters most: what is happening.
        frame.lines.push_back(below[1]);
        frame.lines.resize(std::max(rows, 1U));
    } else {
        const std::size_t room = rows - fixed;
        const std::vector<std::string> middle = middle_of(picture, style);
        const std::size_t furthest = middle.size() > room ? middle.size() - room : 0;
        frame.scroll = std::min(scroll, furthest);
        frame.lines = std::move(above);
        for (std::size_t i = 0; i < room; ++i)
            frame.lines.push_back(frame.scroll + i < middle.size() ? middle[frame.scroll + i]
                                                                   : std::string());
        if (frame.scroll < furthest)
            below[2] = painted(
                fmt::format("q quit   r grade again   h hint   ? help   Down: {} more "
                            "line{}",
                            furthest - frame.scroll, furthest - frame.scroll == 1 ? "" : "s"),
                Colour::dim, style);
        frame.lines.insert(frame.lines.end(), below.begin(), below.end());
    }
    for (std::string &line : frame.lines)
        line = cut_to(line, columns);
    return frame;
}

}  // namespace klass::desk
