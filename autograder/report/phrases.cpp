// SPDX-License-Identifier: Apache-2.0
#include "report/phrases.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernel/text.h"
#include "report/wrap.h"

namespace klass::report {

using judge::CheckResult;
using judge::Outcome;
using judge::Status;
using judge::Verdict;
using kernel::Frame;

std::string one_line(std::string_view text) {
    std::string line = without_tabs(kernel::safe_text(text));
    std::replace(line.begin(), line.end(), '\n', ' ');
    return line;
}

std::string points_text(double points) {
    std::string text = fmt::format("{:.2f}", points);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.')
        text.pop_back();
    return text;
}

std::string words_of(Outcome outcome) {
    std::string words = to_string(outcome);
    std::replace(words.begin(), words.end(), '_', ' ');
    return words;
}

std::string score_text(const Verdict &verdict) {
    if (verdict.outcome == Outcome::judge_error)
        return {};
    return fmt::format("{} of {} points", points_text(verdict.score),
                       points_text(verdict.max_score));
}

std::string summary(const Verdict &verdict) {
    const std::string score = score_text(verdict);
    return fmt::format("{}: {}{}{} of {} checks", words_of(verdict.outcome), score,
                       score.empty() ? "" : ", ", passed_checks(verdict), verdict.checks.size());
}

std::string apology(const Verdict &verdict) {
    return one_line("The grader failed, not you: " + verdict.judge_error +
                    ". No points and no attempt are lost.");
}

std::string judge_failure(const Verdict &verdict) {
    for (const CheckResult &check : verdict.checks)
        if (check.status == Status::judge_error)
            return one_line(fmt::format("{}: {}", check.id, check.actual));
    return one_line(verdict.judge_error);
}

std::string build_failure(const judge::BuildSummary &build) {
    return one_line("The build failed: " + build.error);
}

std::string note_on_hidden(const Verdict &verdict) {
    const auto hidden = std::count_if(verdict.checks.begin(), verdict.checks.end(),
                                      [](const CheckResult &check) { return check.hidden; });
    if (hidden == 0)
        return {};
    return fmt::format("Of {} hidden check{} only the points are shown.", hidden,
                       hidden == 1 ? "" : "s");
}

std::size_t passed_checks(const Verdict &verdict) {
    return static_cast<std::size_t>(
        std::count_if(verdict.checks.begin(), verdict.checks.end(),
                      [](const CheckResult &check) { return check.status == Status::passed; }));
}

bool is_failure(Status status) {
    return status == Status::failed || status == Status::timeout || status == Status::crashed;
}

std::string finding(const CheckResult &check) {
    if (check.status == Status::judge_error)
        return one_line("The grader failed here, not you: no points are lost. " +
                        (check.hidden ? std::string() : check.actual));
    if (check.status == Status::skipped)
        return "It was not run.";
    if (check.hidden)
        return "This check is hidden: only its points are shown.";
    if (check.crash && check.status == Status::crashed)
        return one_line(check.crash->summary);
    if (check.expected.empty())
        return one_line(check.actual);
    return one_line(fmt::format("expected: {}; got: {}", check.expected, check.actual));
}

std::string place_of(const kernel::Diagnostic &diagnostic) {
    std::string place = diagnostic.file;
    for (const int number : {diagnostic.line, diagnostic.column})
        if (!place.empty() && number > 0)
            place += fmt::format(":{}", number);
    return one_line(place);
}

std::string diagnostic_text(const kernel::Diagnostic &diagnostic) {
    const std::string place = place_of(diagnostic);
    const std::string option =
        diagnostic.option.empty() ? "" : fmt::format(" [{}]", diagnostic.option);
    return one_line(fmt::format("{}{}{}: {}{}", place, place.empty() ? "" : ": ",
                                diagnostic.severity, diagnostic.message, option));
}

const Frame *students_frame(const judge::Crash &crash) {
    const Frame *first = nullptr;
    for (const Frame &frame : crash.frames) {
        if (frame.file.empty())
            continue;
        if (frame.stack.empty())
            return &frame;
        if (first == nullptr)
            first = &frame;
    }
    return first;
}

std::vector<std::string> counted(const std::vector<std::string> &all) {
    std::vector<std::string> lines;
    for (auto at = all.begin(); at != all.end();) {
        const auto next =
            std::find_if(at, all.end(), [&](const auto &line) { return line != *at; });
        lines.push_back(next - at == 1 ? *at : fmt::format("{}, {} times", *at, next - at));
        at = next;
    }
    return lines;
}

}  // namespace klass::report
