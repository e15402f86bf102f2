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
            list_checks(verdict.checks);
        if (verdict.build.ok)
            warnings(verdict.build);
        summary(verdict);
        return std::move(text_);
    }

    std::string of(const judge::BuildSummary &build) {
        if (build.ok)
            warnings(build);
        else
            complaints(build);
        return std::move(text_);
    }

    std::string of(const judge::Preview &preview) {
        if (!preview.build.ok) {
            Verdict failed;
            failed.build = preview.build;
            failed_build(failed);
            paragraph(
                "The course kernel's build will most likely say the same. The verdict follows when "
                "that kernel is there; Ctrl-C keeps what is made of it so far.");
            line();
            return std::move(text_);
        }
        list_checks(preview.checks);
        not_shown(preview.not_shown);
        const std::string seen =
            preview.red() == 0
                ? fmt::format("Nothing red in {} of {} checks.", preview.green(), total_of(preview))
                : fmt::format("{} of {} checks red.", preview.red(), total_of(preview));
        paragraph(seen, preview.red() == 0 ? Colour::bold : Colour::red);
        paragraph(
            "This is a preview, not a verdict: no points. Its kernel has no detectors, so a use "
            "after free, a wrong lock, a leak or a sleep in atomic context goes unseen, and a "
            "check "
            "that passed here may still fail. The verdict follows when the course kernel is "
            "built.");
        line();
        return std::move(text_);
    }

    std::string heading() {
        paragraph("Preview on Debian's kernel, while the course kernel is built", Colour::bold);
        line();
        return std::move(text_);
    }

  private:
    static std::size_t total_of(const judge::Preview &preview) {
        return preview.checks.size() + preview.not_shown.size();
    }

    void not_shown(const std::vector<judge::NotShown> &all) {
        std::vector<std::string> each;
        for (const judge::NotShown &check : all)
            each.push_back(fmt::format("{} ({})", check.id, check.hidden ? "hidden" : check.needs));
        if (!each.empty())
            paragraph(fmt::format("Not shown, for they need the course kernel: {}.",
                                  fmt::join(each, ", ")));
    }

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
        complaints(verdict.build);
        if (!verdict.checks.empty())
            paragraph("No check was run.");
        line();
    }

    void complaints(const judge::BuildSummary &build) {
        paragraph(build_failure(build), Colour::red);
        line();
        constexpr std::size_t most = 10;
        const auto &diagnostics = build.diagnostics;
        for (std::size_t index = 0; index < std::min(most, diagnostics.size()); ++index)
            diagnostic(diagnostics[index]);
        if (diagnostics.size() > most)
            line(fmt::format("  and {} more", diagnostics.size() - most));
        if (diagnostics.empty())
            last_output(build.output);
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

    void list_checks(const std::vector<CheckResult> &checks) {
        for (const CheckResult &check : checks) {
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
        paragraph("It was built with warnings:");
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

std::string build_text(const judge::BuildSummary &build, const TextStyle &style) {
    return TextReport(style).of(build);
}

std::string text_report(const Verdict &verdict, const TextStyle &style) {
    return TextReport(style).of(verdict);
}

std::string preview_heading(const TextStyle &style) {
    return TextReport(style).heading();
}

std::string preview_text(const judge::Preview &preview, TextStyle style) {
    style.points = false;
    return TextReport(style).of(preview);
}

}  // namespace klass::report
