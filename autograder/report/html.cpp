// SPDX-License-Identifier: Apache-2.0
#include "report/html.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "judge/book.h"
#include "report/html_style.h"
#include "report/markup.h"
#include "report/phrases.h"
#include "report/plot.h"
#include "report/table_text.h"
#include "util/base64.h"
#include "util/progress.h"

namespace klass::report {

namespace {

using judge::CheckResult;
using judge::Outcome;
using judge::Status;
using judge::Table;
using judge::Verdict;
using kernel::Diagnostic;
using kernel::Frame;
using pugi::xml_node;

const char *tone_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::accepted:
            return "good";
        case Outcome::partial:
        case Outcome::judge_error:
            return "odd";
        case Outcome::failed:
        case Outcome::build_error:
            break;
    }
    return "bad";
}

const char *tone_of(Status status) {
    switch (status) {
        case Status::passed:
            return "good";
        case Status::skipped:
            return "quiet";
        case Status::judge_error:
            return "odd";
        case Status::failed:
        case Status::timeout:
        case Status::crashed:
            break;
    }
    return "bad";
}

const char *mark_of(Status status) {
    switch (status) {
        case Status::passed:
            return "✓";
        case Status::skipped:
            return "–";
        case Status::judge_error:
            return "!";
        case Status::failed:
        case Status::timeout:
        case Status::crashed:
            break;
    }
    return "✗";
}

std::string word_of(Status status) {
    switch (status) {
        case Status::timeout:
            return "timed out";
        case Status::skipped:
            return "not run";
        case Status::judge_error:
            return "grader failed";
        default:
            return to_string(status);
    }
}

std::string points_of(const CheckResult &check) {
    return check.status == Status::judge_error
               ? "?"
               : fmt::format("{} / {}", points_text(check.score), points_text(check.max_score));
}

std::string time_of(const CheckResult &check) {
    return check.status == Status::skipped ? std::string() : duration_text(check.duration);
}

bool has_section(const CheckResult &check) {
    return !check.hidden &&
           (is_failure(check.status) || check.status == Status::judge_error ||
            !check.tables.empty() || !check.metrics.empty() || !check.pictures.empty());
}

void add_bar(xml_node parent, const Verdict &verdict) {
    const double share = verdict.max_score > 0 ? verdict.score / verdict.max_score : 0;
    xml_node bar = add(parent, "div", {{"class", "bar"}});
    xml_node svg = add(bar, "svg",
                       {{"viewBox", "0 0 100 1"},
                        {"preserveAspectRatio", "none"},
                        {"role", "img"},
                        {"aria-label", score_text(verdict)}});
    add(svg, "rect",
        {{"width", fmt::format("{:.2f}", 100 * std::clamp(share, 0.0, 1.0))}, {"height", "1"}});
}

void add_fact(xml_node facts, const char *name, std::string_view value) {
    if (value.empty())
        return;
    xml_node fact = add(facts, "li", {}, std::string(name) + " ");
    add(fact, "span", {}, one_line(value));
}

void add_header(xml_node body, const Verdict &verdict) {
    xml_node header = add(body, "header");
    add(header, "p", {{"class", "stage"}}, one_line(verdict.stage));
    add(header, "h1", {}, one_line(verdict.title));
    xml_node outcome = add(header, "p", {{"class", "outcome"}});
    std::string word = words_of(verdict.outcome);
    word.front() = static_cast<char>(word.front() - 'a' + 'A');
    add(outcome, "strong", {{"class", tone_of(verdict.outcome)}}, word);
    if (const std::string score = score_text(verdict); !score.empty())
        add_text(outcome, ", " + score);
    if (!verdict.checks.empty())
        add(outcome, "span", {{"class", "count"}},
            fmt::format(" · {} of {} checks", passed_checks(verdict), verdict.checks.size()));
    if (verdict.outcome == Outcome::judge_error)
        add(header, "p", {{"class", "note"}}, apology(verdict));
    else
        add_bar(header, verdict);

    constexpr std::size_t digits = 12;
    const std::string &qemu = verdict.qemu.version;
    xml_node facts = add(header, "ul", {{"class", "facts"}});
    add_fact(facts, "Submission", verdict.submission.sha256.substr(0, digits));
    add_fact(facts, "Linux", verdict.kernel.release);
    if (!qemu.empty())
        add_fact(facts, "QEMU",
                 fmt::format("{} ({})", qemu.substr(0, qemu.find(' ')), verdict.qemu.accelerator));
    add_fact(facts, "Seed", std::to_string(verdict.seed));
    add_fact(facts, "Took", duration_text(verdict.duration));
}

/** The source line, and a caret below the character that is meant. */
void add_source(xml_node parent, const Diagnostic &diagnostic) {
    const std::string source = one_line(diagnostic.text);
    const std::size_t indentation = source.find_first_not_of(' ');
    if (indentation == std::string::npos)
        return;
    const auto column = static_cast<std::size_t>(std::max(diagnostic.column, 0));
    std::string text = source.substr(indentation);
    if (column > indentation)
        text += fmt::format("\n{:{}}^", "", column - indentation - 1);
    add(parent, "pre", {}, text);
}

void add_build(xml_node body, const judge::BuildSummary &build) {
    if (build.ok && build.diagnostics.empty())
        return;
    xml_node section = add(body, "section");
    add(section, "h2", {}, build.ok ? "What the compiler says" : "The build failed");
    if (!build.error.empty())
        add(section, "p", {}, one_line(build.error));
    for (const Diagnostic &diagnostic : build.diagnostics) {
        xml_node item = add(section, "div", {{"class", "diagnostic"}});
        xml_node line = add(item, "p");
        if (const std::string place = place_of(diagnostic); !place.empty()) {
            add(line, "code", {}, place);
            add_text(line, " ");
        }
        add(line, "strong", {{"class", diagnostic.severity == "error" ? "bad" : "odd"}},
            one_line(diagnostic.severity));
        add_text(line, ": " + one_line(diagnostic.message) + " ");
        if (!diagnostic.option.empty())
            add(line, "code", {{"class", "quiet"}}, one_line(diagnostic.option));
        add_source(item, diagnostic);
    }
    if (!build.output.empty()) {
        xml_node details = add(section, "details");
        if (build.diagnostics.empty())
            details.append_attribute("open").set_value("open");
        add(details, "summary", {}, "The build's last lines");
        add(details, "pre", {}, build.output);
    }
}

/** One entry of a check's story, made when there is something to say. */
xml_node entry(xml_node story, const char *name) {
    add(story, "dt", {}, name);
    return add(story, "dd");
}

void add_entry(xml_node story, const char *name, std::string_view text, const char *style = "") {
    if (!text.empty())
        add(entry(story, name), "p", {{"class", style}}, text);
}

void add_list(xml_node parent, const std::vector<std::string> &lines, std::size_t from,
              std::size_t to) {
    xml_node list = add(parent, "ol");
    for (std::size_t i = from; i < to; ++i)
        add(list, "li", {}, one_line(lines[i]));
}

/** The last operations; the many before them only on demand. */
void add_operations(xml_node story, const std::vector<std::string> &did) {
    constexpr std::size_t most = 10;
    const std::vector<std::string> lines = counted(did);
    if (lines.empty())
        return;
    xml_node what = entry(story, "Did");
    const std::size_t first = lines.size() > most + 2 ? lines.size() - most : 0;
    if (first > 0) {
        xml_node details = add(what, "details");
        add(details, "summary", {}, fmt::format("{} operations before", first));
        add_list(details, lines, 0, first);
    }
    add_list(what, lines, first, lines.size());
}

/** The student's frames in the order of the report, each with its line of source. */
void add_students_frames(xml_node story, const judge::Crash &crash) {
    const Frame *innermost = students_frame(crash);
    if (innermost == nullptr)
        return;
    xml_node where = entry(story, "Where");
    for (const Frame &frame : crash.frames) {
        if (frame.file.empty())
            continue;
        const std::string stack = frame.stack.empty() ? "" : frame.stack + ": ";
        add(where, "p", {{"class", &frame == innermost ? "where first" : "where"}},
            one_line(fmt::format("{}{}:{} in {}", stack, frame.file, frame.line, frame.function)));
        if (!frame.text.empty())
            add(where, "pre", {}, one_line(frame.text));
    }
}

void add_stack(xml_node parent, const judge::Crash &crash) {
    if (crash.frames.empty())
        return;
    xml_node details = add(parent, "details");
    add(details, "summary", {}, "The whole stack");
    xml_node scroll = add(details, "div", {{"class", "scroll"}});
    xml_node table = add(scroll, "table", {{"class", "frames"}});
    xml_node heading = add(add(table, "thead"), "tr");
    for (const char *name : {"Function", "Module", "Place", "Stack"})
        add(heading, "th", {{"scope", "col"}}, name);
    xml_node rows = add(table, "tbody");
    for (const Frame &frame : crash.frames) {
        xml_node row = add(rows, "tr");
        add(row, "td", {},
            one_line(fmt::format("{}{}+{:#x}/{:#x}", frame.reliable ? "" : "? ", frame.function,
                                 frame.offset, frame.size)));
        add(row, "td", {}, one_line(frame.module));
        add(row, "td", {},
            frame.file.empty() ? std::string()
                               : one_line(fmt::format("{}:{}", frame.file, frame.line)));
        add(row, "td", {}, one_line(frame.stack));
    }
}

void add_crash(xml_node story, const judge::Crash &crash) {
    xml_node kernel = entry(story, "Kernel");
    xml_node summary = add(kernel, "p");
    add(summary, "strong", {}, one_line(crash.kind));
    add_text(summary, ": ");
    add(summary, "code", {}, one_line(crash.summary));
    if (!crash.meaning.empty())
        add(kernel, "p", {}, one_line(crash.meaning));
    add_students_frames(story, crash);
}

/** What went over the network cable, as files to be saved: they are in the page itself. */
void add_captures(xml_node story, const CheckResult &check) {
    if (check.captures.empty())
        return;
    xml_node list = add(entry(story, "Network"), "ul");
    for (const judge::Capture &capture : check.captures) {
        xml_node item = add(list, "li");
        const std::string file = one_line(judge::capture_name(check.id, capture.phase));
        add(item, "a",
            {{"download", file},
             {"href", "data:application/vnd.tcpdump.pcap;base64," + to_base64(capture.file)}},
            file);
        add_text(item, fmt::format(", {} frame{}", capture.frames, capture.frames == 1 ? "" : "s"));
    }
}

/** Where hidden checks are concerned, this is not reached. */
void add_story(xml_node section, const CheckResult &check) {
    xml_node story = add(section, "dl", {{"class", "story"}});
    add_operations(story, check.did);
    add_entry(story, "Expected", one_line(check.expected));
    add_entry(story, "Happened", one_line(check.actual));
    if (!check.difference.empty())
        add(entry(story, "Difference"), "pre", {}, check.difference);
    if (check.crash)
        add_crash(story, *check.crash);
    if (!check.hint.empty())
        add_entry(story, "Hint", one_line(check.hint), "hint");
    if (!check.book.empty())
        add_entry(story, "Book", one_line(judge::book_text(check.section, check.book)));
    if (!check.replay.empty())
        add(entry(story, "Again"), "pre", {}, one_line(check.replay));
    if (check.status != Status::passed)
        add_captures(story, check);
    if (story.first_child().empty())
        section.remove_child(story);
}

void add_log(xml_node section, const CheckResult &check) {
    if (check.log.empty())
        return;
    xml_node details = add(section, "details");
    add(details, "summary", {},
        fmt::format("The kernel's log, {} line{}", check.log.size(),
                    check.log.size() == 1 ? "" : "s"));
    std::vector<std::string> lines;
    for (const std::string &line : check.log)
        lines.push_back(one_line(line));
    add(details, "pre", {}, fmt::format("{}", fmt::join(lines, "\n")));
}

/** The title of a check that has no section of its own; what it did is folded below. */
void add_what_was_done(xml_node parent, const CheckResult &check) {
    const std::string title = one_line(check.title);
    if (check.hidden || (check.did.empty() && check.log.empty())) {
        add_text(parent, title);
        return;
    }
    xml_node details = add(parent, "details");
    add(details, "summary", {}, title);
    const std::vector<std::string> lines = counted(check.did);
    if (!lines.empty())
        add_list(details, lines, 0, lines.size());
    add_log(details, check);
}

void add_overview(xml_node body, const Verdict &verdict) {
    if (verdict.checks.empty())
        return;
    xml_node section = add(body, "section");
    add(section, "h2", {}, "The checks");
    xml_node table = add(section, "table", {{"class", "checks"}});
    for (const CheckResult &check : verdict.checks) {
        const char *tone = tone_of(check.status);
        xml_node row = add(table, "tr");
        add(row, "td", {{"class", fmt::format("mark {}", tone)}, {"aria-hidden", "true"}},
            mark_of(check.status));
        xml_node title = add(row, "td");
        if (has_section(check))
            add(title, "a", {{"href", "#" + check.id}}, one_line(check.title));
        else
            add_what_was_done(title, check);
        add(row, "td", {{"class", fmt::format("word {}", tone)}}, word_of(check.status));
        add(row, "td", {{"class", "points"}}, points_of(check));
        add(row, "td", {{"class", "time"}}, time_of(check));
    }
    if (const std::string note = note_on_hidden(verdict); !note.empty())
        add(section, "p", {{"class", "note quiet"}}, note);
}

void add_metrics(xml_node section, const CheckResult &check) {
    std::vector<double> values;
    for (const auto &[name, value] : check.metrics)
        values.push_back(value);
    if (values.empty())
        return;
    xml_node table = add(section, "table", {{"class", "figures"}});
    xml_node rows = add(table, "tbody");
    for (const auto &[name, value] : check.metrics) {
        xml_node row = add(rows, "tr");
        add(row, "th", {{"scope", "row"}}, one_line(name));
        add(row, "td", {}, figure_texts({&value, 1}).front());
    }
}

void add_table(xml_node section, const Table &table) {
    xml_node figure = add(section, "figure");
    add(figure, "figcaption", {}, one_line(caption(table)));
    xml_node picture = add(figure, "div", {{"class", "scroll"}});
    if (!add_plot(picture, table))
        figure.remove_child(picture);
    xml_node scroll = add(figure, "div", {{"class", "scroll"}});
    xml_node figures = add(scroll, "table", {{"class", "figures"}});
    xml_node heading = add(add(figures, "thead"), "tr");
    add(heading, "th", {{"scope", "col"}}, one_line(table.x_axis));
    std::vector<std::vector<std::string>> columns{figure_texts(table.x)};
    for (const judge::Curve &curve : table.curves) {
        add(heading, "th", {{"scope", "col"}}, one_line(curve.name));
        columns.push_back(figure_texts(curve.values));
    }
    xml_node rows = add(figures, "tbody");
    for (std::size_t i = 0; i < table.x.size(); ++i) {
        xml_node row = add(rows, "tr");
        for (const std::vector<std::string> &column : columns)
            add(row, "td", {}, column[i]);
    }
}

void add_line(xml_node svg, const judge::Picture &picture, const judge::Mark &from,
              const judge::Mark &to) {
    const auto place = [](double fraction, unsigned pixels) {
        return fmt::format("{:.1f}", fraction * pixels);
    };
    add(svg, "line",
        {{"x1", place(from.x, picture.width)},
         {"y1", place(from.y, picture.height)},
         {"x2", place(to.x, picture.width)},
         {"y2", place(to.y, picture.height)}});
}

double middle_of(const std::vector<judge::Mark> &marks) {
    double sum = 0;
    for (const judge::Mark &mark : marks)
        sum += mark.x;
    return sum / static_cast<double>(marks.size());
}

void add_mark(xml_node svg, const judge::Picture &picture, const judge::Mark &mark) {
    const double radius = picture.width / 100.0;
    const double x = mark.x * picture.width;
    const double y = mark.y * picture.height;
    add(svg, "circle",
        {{"cx", fmt::format("{:.1f}", x)},
         {"cy", fmt::format("{:.1f}", y)},
         {"r", fmt::format("{:.1f}", radius)}});
    // On the outer side: there is more room, and no other label.
    const bool to_the_left = mark.x < middle_of(picture.marks);
    if (!mark.label.empty())
        add(svg, "text",
            {{"x", fmt::format("{:.1f}", x + (to_the_left ? -2 : 2) * radius)},
             {"y", fmt::format("{:.1f}", y + radius)},
             {"text-anchor", to_the_left ? "end" : "start"}},
            one_line(mark.label));
}

void add_picture(xml_node section, const judge::Picture &picture) {
    xml_node figure = add(section, "figure");
    add(figure, "figcaption", {}, one_line(picture.title));
    xml_node svg = add(figure, "svg",
                       {{"class", "picture"},
                        {"viewBox", fmt::format("0 0 {} {}", picture.width, picture.height)},
                        {"role", "img"},
                        {"aria-label", one_line(picture.title)}});
    add(svg, "image",
        {{"href", "data:image/png;base64," + to_base64(picture.png)},
         {"width", std::to_string(picture.width)},
         {"height", std::to_string(picture.height)}});
    xml_node marks = add(svg, "g",
                         {{"font-size", fmt::format("{:.1f}", picture.width / 40.0)},
                          {"stroke-width", fmt::format("{:.2f}", picture.width / 200.0)}});
    for (const judge::Mark &mark : picture.marks)
        add_line(marks, picture, mark, picture.marks.at(mark.towards));
    for (const judge::Mark &mark : picture.marks)
        add_mark(marks, picture, mark);
}

void add_check(xml_node body, const CheckResult &check) {
    xml_node section = add(body, "section", {{"class", "check"}, {"id", check.id}});
    xml_node header = add(section, "header");
    add(header, "h3", {}, one_line(check.title));
    add(header, "p", {}, points_of(check));
    xml_node status = add(section, "p", {{"class", "status quiet"}});
    add(status, "strong", {{"class", tone_of(check.status)}}, word_of(check.status));
    add_text(status, fmt::format(", after {}", time_of(check)));
    if (check.status == Status::judge_error)
        add(section, "p", {}, "The grader failed here, not you: no points are lost.");
    add_story(section, check);
    add_metrics(section, check);
    for (const Table &table : check.tables)
        add_table(section, table);
    for (const judge::Picture &picture : check.pictures)
        add_picture(section, picture);
    if (check.crash)
        add_stack(section, *check.crash);
    add_log(section, check);
}

void add_checks(xml_node body, const Verdict &verdict) {
    const auto those_with = [&](const char *title, auto wanted) {
        bool first = true;
        for (const CheckResult &check : verdict.checks) {
            if (!has_section(check) || !wanted(check))
                continue;
            if (first)
                add(body, "h2", {}, title);
            first = false;
            add_check(body, check);
        }
    };
    those_with("What went wrong",
               [](const CheckResult &check) { return check.status != Status::passed; });
    those_with("What was measured",
               [](const CheckResult &check) { return check.status == Status::passed; });
}

void add_footer(xml_node body, const Verdict &verdict) {
    xml_node footer = add(body, "footer");
    add(footer, "p", {}, "Graded by Klass. The same seed makes the same choices again.");
    xml_node details = add(footer, "details");
    add(details, "summary", {}, "The kernel and the machine");
    xml_node story = add(details, "dl", {{"class", "story"}});
    const auto add_code = [&](const char *name, const std::string &text) {
        if (!text.empty())
            add(add(entry(story, name), "p"), "code", {}, one_line(text));
    };
    add_code("Submission", verdict.submission.path);
    add_code("SHA-256", verdict.submission.sha256);
    add_code("Kernel", fmt::format("{} ({})", verdict.kernel.release, verdict.kernel.flavour));
    add_code("Its key", verdict.kernel.key);
    add_code("QEMU", verdict.qemu.version);
    add_code("Its command", fmt::format("{}", fmt::join(verdict.qemu.command, " ")));
    add_code("Build", duration_text(verdict.build.duration));
}

}  // namespace

std::string html_report(const Verdict &verdict) {
    pugi::xml_document document;
    xml_node title = add(document, "title", {},
                         one_line(fmt::format("{}: {}", verdict.stage, summary(verdict))));
    xml_node body = add(document, "body");
    xml_node page = add(body, "main");
    add_header(page, verdict);
    add_build(page, verdict.build);
    add_overview(page, verdict);
    add_checks(page, verdict);
    add_footer(body, verdict);
    // The elements that HTML forbids to close stand here, and no text of a verdict does.
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\">\n{}\n<style>{}</style>\n</head>\n{}\n</html>\n",
        html_text(title), html_style, html_text(body));
}

}  // namespace klass::report
