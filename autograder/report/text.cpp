// SPDX-License-Identifier: Apache-2.0
#include "report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "kernel/text.h"
#include "report/check_text.h"
#include "report/diagnostic_text.h"
#include "report/phrases.h"
#include "report/wrap.h"
#include "util/progress.h"

namespace klass::report {

namespace {

using judge::CheckResult;
using judge::Outcome;
using judge::Status;
using judge::Verdict;
using kernel::Diagnostic;
using kernel::safe_text;

Colour colour_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::accepted:
            return Colour::green;
        case Outcome::partial:
        case Outcome::judge_error:
            return Colour::yellow;
        case Outcome::failed:
        case Outcome::build_error:
            break;
    }
    return Colour::red;
}

/** Appends to a report; one place for its style. */
class TextReport {
  public:
    explicit TextReport(const TextStyle &style) : style_(style) {}

    std::string of(const Verdict &verdict) {
        header(verdict);
        if (verdict.outcome == Outcome::build_error)
            failed_build(verdict);
        else
            checks(verdict);
        if (verdict.build.ok)
            warnings(verdict.build);
        summary(verdict);
        return std::move(text_);
    }

  private:
    void line(std::string_view content = {}) { text_.append(content).push_back('\n'); }

    void paragraph(std::string_view content, Colour colour = Colour::none) {
        for (const std::string &each : wrapped(one_line(content), width_of(style_)))
            line(painted(each, colour, style_));
    }

    void header(const Verdict &verdict) {
        paragraph(verdict.stage + "  " + verdict.title, Colour::bold);
        constexpr std::size_t digits = 12;
        std::vector<std::string> facts;
        if (!verdict.submission.sha256.empty())
            facts.push_back("submission " + verdict.submission.sha256.substr(0, digits));
        if (!verdict.kernel.release.empty())
            facts.push_back("Linux " + verdict.kernel.release);
        // Whose package it is, in parentheses behind the number, the JSON tells.
        const std::string number = verdict.qemu.version.substr(0, verdict.qemu.version.find(' '));
        if (!number.empty())
            facts.push_back(fmt::format("QEMU {} ({})", number, verdict.qemu.accelerator));
        paragraph(fmt::format("{}", fmt::join(facts, ", ")), Colour::dim);
        line();
    }

    void failed_build(const Verdict &verdict) {
        paragraph(build_failure(verdict), Colour::red);
        line();
        constexpr std::size_t most = 10;
        const auto &diagnostics = verdict.build.diagnostics;
        for (std::size_t index = 0; index < std::min(most, diagnostics.size()); ++index)
            diagnostic(diagnostics[index]);
        if (diagnostics.size() > most)
            line(fmt::format("  and {} more", diagnostics.size() - most));
        if (diagnostics.empty())
            last_output(verdict.build.output);
        if (!verdict.checks.empty())
            paragraph("No check was run.");
        line();
    }

    void last_output(std::string_view output) {
        constexpr std::size_t most = 20;
        std::vector<std::string> lines =
            wrapped(without_tabs(safe_text(output)), width_of(style_) - 2);
        while (!lines.empty() && lines.back().empty())
            lines.pop_back();
        const std::size_t first = lines.size() - std::min(most, lines.size());
        for (std::size_t index = first; index < lines.size(); ++index)
            line("  " + lines[index]);
        line();
    }

    void diagnostic(const Diagnostic &diagnostic) {
        text_ += diagnostic_details(diagnostic, style_);
        line();
    }

    void checks(const Verdict &verdict) {
        for (const CheckResult &check : verdict.checks) {
            const std::string details = check_details(check, style_);
            if (check.status == Status::passed && !style_.list_passed && details.empty())
                continue;
            text_ += check_line(check, style_);
            if (!details.empty()) {
                text_ += details;
                line();
            }
        }
        // Not after the blank line that ends the details of the last check.
        if (!text_.ends_with("\n\n"))
            line();
    }

    void warnings(const judge::BuildSummary &build) {
        constexpr std::size_t most = 3;
        std::vector<const Diagnostic *> found;
        for (const Diagnostic &each : build.diagnostics)
            if (each.severity == "warning")
                found.push_back(&each);
        if (found.empty())
            return;
        paragraph("The module was built with warnings:");
        line();
        for (std::size_t index = 0; index < std::min(most, found.size()); ++index)
            diagnostic(*found[index]);
        if (found.size() > most) {
            line(fmt::format("  and {} more", found.size() - most));
            line();
        }
    }

    void summary(const Verdict &verdict) {
        if (const std::string note = note_on_hidden(verdict); !note.empty())
            paragraph(note);
        if (verdict.outcome == Outcome::judge_error)
            paragraph(apology(verdict), Colour::yellow);
        const std::string score = score_text(verdict);
        line(fmt::format("{}{}{}  {} of {} checks  seed {}  {}",
                         painted(words_of(verdict.outcome), colour_of(verdict.outcome), style_),
                         score.empty() ? "" : "  ", score, passed_checks(verdict),
                         verdict.checks.size(), verdict.seed, duration_text(verdict.duration)));
    }

    const TextStyle &style_;
    std::string text_;
};

}  // namespace

std::string text_report(const Verdict &verdict, const TextStyle &style) {
    return TextReport(style).of(verdict);
}

}  // namespace klass::report
