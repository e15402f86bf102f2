// SPDX-License-Identifier: Apache-2.0
#include "desk/standing.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>

#include "report/check_text.h"
#include "report/phrases.h"
#include "report/wrap.h"
#include "util/progress.h"

namespace klass::desk {

namespace {

using judge::CheckInfo;
using judge::Status;
using report::Colour;
using report::painted;
using report::points_text;
using report::TextStyle;

bool passed(const StageNotes &notes, const std::string &id) {
    const auto found = notes.checks.find(id);
    return found != notes.checks.end() && found->second == Status::passed;
}

/** As an argument of a command that the reader may paste. */
std::string shown_folder(const Standing &standing) {
    std::string folder = standing.notes.folder.string();
    if (folder.find_first_of(" \t\"'\\$`&;()<>|*?[]#~!") != std::string::npos) {
        std::string quoted = "'";
        for (const char byte : folder)
            quoted += byte == '\'' ? std::string("'\\''") : std::string(1, byte);
        folder = quoted + "'";
    }
    return report::one_line(folder);
}

/** The command that takes the next step; empty when all is done. */
std::string next_command(const Standing &standing) {
    const std::string &id = standing.manifest.id;
    switch (next_step(standing)) {
        case Step::start:
            return "klass start " + id;
        case Step::grade:
        case Step::mend_build:
            return "klass grade " + shown_folder(standing);
        case Step::mend:
            return "klass status " + id;
        case Step::done:
            break;
    }
    return {};
}

std::string checks_open(std::size_t count) {
    return fmt::format("{} check{} open", count, count == 1 ? "" : "s");
}

std::string words_of(const Standing &standing) {
    switch (next_step(standing)) {
        case Step::start:
            return "not begun";
        case Step::grade:
            return "begun";
        case Step::mend_build:
            return "does not build";
        case Step::mend:
            return checks_open(open_checks(standing).size());
        case Step::done:
            break;
    }
    return "done";
}

struct Mark {
    std::string_view unicode;
    std::string_view ascii;
    Colour colour = Colour::none;
};

Mark mark_of(Step step) {
    switch (step) {
        case Step::start:
            return {" ", " "};
        case Step::done:
            return {"✓", "+", Colour::green};
        default:
            return {"›", ">", Colour::yellow};
    }
}

std::string score_of(double score, double max_score) {
    return fmt::format("{}/{}", points_text(score), points_text(max_score));
}

/** "just now", "5 min ago", "3 days ago". */
std::string ago(Time then, Time now) {
    using namespace std::chrono;
    const auto passed = std::max(now - then, seconds{0});
    if (passed < minutes{1})
        return "just now";
    if (passed < hours{1})
        return fmt::format("{} min ago", duration_cast<minutes>(passed).count());
    if (passed < days{1})
        return fmt::format("{} h ago", duration_cast<hours>(passed).count());
    const auto count = duration_cast<days>(passed).count();
    return fmt::format("{} day{} ago", count, count == 1 ? "" : "s");
}

std::string date(Time time) {
    return fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(time.time_since_epoch().count()));
}

/** Lines of a label and a text beside it. */
class Facts {
  public:
    explicit Facts(const TextStyle &style) : style_(style) {}

    void add(std::string_view label, std::string_view text, Colour colour = Colour::none) {
        constexpr std::size_t label_width = 8;
        const std::size_t room = report::width_of(style_) - label_width - 2;
        for (const std::string &line : report::wrapped(report::one_line(text), room)) {
            fmt::format_to(std::back_inserter(text_), "  {}{}\n",
                           painted(fmt::format("{:<{}}", label, label_width), Colour::bold, style_),
                           painted(line, colour, style_));
            label = {};
        }
    }
    std::string text() { return std::move(text_); }

  private:
    const TextStyle &style_;
    std::string text_;
};

std::string last_words(const judge::Manifest &manifest, const LastGrading &last, Time now) {
    const std::string what =
        last.whole ? "" : fmt::format(", not all of its {} checks", manifest.checks.size());
    return fmt::format("{}, {} of {} points{}, {} ({})", report::words_of(last.outcome),
                       points_text(last.score), points_text(last.max_score), what,
                       ago(last.at, now), date(last.at));
}

std::string hint_words(const StageNotes &notes) {
    const std::size_t taken = hints_taken(notes);
    if (taken == 0)
        return "none taken; they cost no points";
    const auto of = std::count_if(notes.hints.begin(), notes.hints.end(),
                                  [](const auto &entry) { return entry.second > 0; });
    return fmt::format("{} taken, of {} check{}; they cost no points", taken, of,
                       of == 1 ? "" : "s");
}

std::string open_check_lines(const Standing &standing, const TextStyle &style) {
    std::string text;
    for (const CheckInfo *check : open_checks(standing)) {
        const auto known = standing.notes.checks.find(check->id);
        judge::CheckResult result{
            .id = check->id, .title = check->title, .max_score = check->points};
        result.status = known == standing.notes.checks.end() ? Status::skipped : known->second;
        // Without the time, which is not remembered.
        const std::string mark = report::mark_text(result.status, style);
        const std::size_t room = report::width_of(style) - 4;
        const std::string line = fmt::format(
            "{} ({} point{}{})", report::one_line(check->title), points_text(check->points),
            check->points == 1 ? "" : "s", result.status == Status::skipped ? ", not run yet" : "");
        std::string before = fmt::format("  {} ", mark);
        for (const std::string &each : report::wrapped(line, room)) {
            text += before + each + "\n";
            before = "    ";
        }
        if (!check->hidden)
            text += painted(fmt::format("      klass hint {} {}", standing.manifest.id, check->id),
                            Colour::dim, style) +
                    "\n";
    }
    return text;
}

}  // namespace

Step next_step(const Standing &standing) {
    const StageNotes &notes = standing.notes;
    if (notes.best && notes.best->score >= notes.best->max_score)
        return Step::done;
    if (notes.last && notes.last->outcome == judge::Outcome::build_error)
        return Step::mend_build;
    if (notes.best)
        return Step::mend;
    return notes.folder.empty() ? Step::start : Step::grade;
}

std::vector<const CheckInfo *> open_checks(const Standing &standing) {
    std::vector<const CheckInfo *> open;
    for (const CheckInfo &check : standing.manifest.checks)
        if (!passed(standing.notes, check.id))
            open.push_back(&check);
    return open;
}

const CheckInfo *check_to_mend(const Standing &standing) {
    for (const CheckInfo *check : open_checks(standing))
        if (!check->hidden && standing.notes.checks.contains(check->id))
            return check;
    return nullptr;
}

std::size_t hints_taken(const StageNotes &notes) {
    return std::accumulate(notes.hints.begin(), notes.hints.end(), std::size_t{0},
                           [](std::size_t sum, const auto &entry) { return sum + entry.second; });
}

std::string list_text(std::span<const Standing> course, const TextStyle &style) {
    constexpr std::size_t best_width = 7;
    constexpr std::size_t step_width = 14;
    constexpr std::size_t gaps = 2 + 3 * 2;
    std::size_t id_width = 0;
    for (const Standing &standing : course)
        id_width = std::max(id_width, standing.manifest.id.size());
    const std::size_t title_width = std::min<std::size_t>(report::width_of(style), 100) - id_width -
                                    best_width - step_width - gaps;
    std::string text;
    const Standing *next = nullptr;
    for (const Standing &standing : course) {
        const auto &[manifest, notes] = standing;
        const Step step = next_step(standing);
        // The one that was worked on last, else the first that is not done.
        if (step != Step::done &&
            (next == nullptr ||
             (notes.last && (!next->notes.last || notes.last->at > next->notes.last->at))))
            next = &standing;
        const Mark mark = mark_of(step);
        const std::string best = notes.best ? score_of(notes.best->score, notes.best->max_score)
                                            : score_of(0, manifest.max_score());
        const std::string title(
            report::first_columns(report::one_line(manifest.title), title_width));
        fmt::format_to(std::back_inserter(text), "{} {:<{}}  {}{:{}}  {:>{}}  {}\n",
                       painted(style.unicode ? mark.unicode : mark.ascii, mark.colour, style),
                       manifest.id, id_width, title, "", title_width - report::columns_of(title),
                       best, best_width, words_of(standing));
    }
    if (next != nullptr)
        text += fmt::format("\nNext: {}\n", painted(next_command(*next), Colour::bold, style));
    else if (!course.empty())
        text += "\nAll of it is done. Well done.\n";
    return text;
}

std::string status_text(const Standing &standing, bool changed, Time now, const TextStyle &style) {
    const auto &[manifest, notes] = standing;
    std::string text =
        painted(manifest.id + "  " + report::one_line(manifest.title), Colour::bold, style) +
        "\n\n";
    Facts facts(style);
    if (notes.folder.empty()) {
        facts.add("next", next_command(standing));
        return text + facts.text();
    }
    facts.add("folder", notes.folder.string());
    facts.add("best", notes.best
                          ? fmt::format("{} of {} points ({})", points_text(notes.best->score),
                                        points_text(notes.best->max_score), date(notes.best->at))
                          : "no whole grading yet");
    if (notes.last) {
        facts.add("last", last_words(manifest, *notes.last, now));
        if (!notes.last->build_error.empty())
            facts.add("", notes.last->build_error, Colour::red);
        if (changed)
            facts.add("", "The files have changed since then.", Colour::yellow);
    }
    facts.add("hints", hint_words(notes));
    const auto open = open_checks(standing);
    if (changed || next_step(standing) == Step::grade)
        facts.add("next", "klass grade " + shown_folder(standing));
    text += facts.text();
    if (notes.checks.empty())
        return text;
    if (open.empty())
        return text + "\nNo check is open.\n";
    return text + fmt::format("\n{}:\n", checks_open(open.size())) +
           open_check_lines(standing, style);
}

}  // namespace klass::desk
