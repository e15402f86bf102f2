// SPDX-License-Identifier: Apache-2.0
#include "report/ktap.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "report/check_text.h"
#include "report/phrases.h"
#include "util/progress.h"

namespace klass::report {

namespace {

using judge::CheckResult;
using judge::Outcome;
using judge::Status;
using judge::Verdict;

/** Nothing in a line of ours may be taken for the mark that begins a directive. */
std::string without_hash(std::string text) {
    std::replace(text.begin(), text.end(), '#', '.');
    return text;
}

class Results {
  public:
    Results(std::string indentation, std::size_t count) : indentation_(std::move(indentation)) {
        line("KTAP version 1");
        line(fmt::format("1..{}", count));
    }
    /** Lines that each begin with the test's name, so that none can pass for another kind of line.
     */
    void diagnostics(const std::string &test, std::string_view text) {
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            if (end > 0)
                line(fmt::format("# {}: {}", test, one_line(text.substr(0, end))));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    }
    void subtest(const std::string &lines) { text_ += lines; }
    void result(bool ok, const std::string &test, const std::string &directive = {}) {
        line(fmt::format("{} {} {}{}{}", ok ? "ok" : "not ok", ++number_, without_hash(test),
                         directive.empty() ? "" : " # ", without_hash(directive)));
    }
    [[nodiscard]] const std::string &text() const { return text_; }

  private:
    void line(const std::string &line) { text_ += indentation_ + line + "\n"; }

    std::string indentation_;
    std::string text_;
    unsigned number_ = 0;
};

void add_build(const Verdict &verdict, Results &results) {
    const std::string name = "build";
    for (const kernel::Diagnostic &diagnostic : verdict.build.diagnostics)
        results.diagnostics(name, diagnostic_text(diagnostic));
    if (!verdict.judge_error.empty()) {
        results.result(true, name, "SKIP " + apology(verdict));
        return;
    }
    if (!verdict.build.ok)
        results.diagnostics(name, build_failure(verdict.build));
    results.result(verdict.build.ok, name);
}

void add_check(const CheckResult &check, Results &results) {
    results.diagnostics(check.id, check.title);
    results.diagnostics(check.id, check_details(check, {.width = 100}));
    switch (check.status) {
        case Status::passed:
            results.result(true, check.id);
            return;
        case Status::skipped:
        case Status::judge_error:
            results.result(true, check.id, "SKIP " + finding(check));
            return;
        case Status::timeout:
            results.result(false, check.id, "TIMEOUT " + duration_text(check.duration));
            return;
        case Status::failed:
        case Status::crashed:
            break;
    }
    results.result(false, check.id);
}

}  // namespace

std::string ktap_report(const Verdict &verdict) {
    Results checks("  ", verdict.checks.size() + 1);
    add_build(verdict, checks);
    for (const CheckResult &check : verdict.checks)
        add_check(check, checks);
    Results stage("", 1);
    stage.subtest(checks.text());
    stage.diagnostics(verdict.stage, summary(verdict));
    const bool ours = verdict.outcome == Outcome::judge_error;
    stage.result(ours || verdict.outcome == Outcome::accepted, verdict.stage,
                 ours ? "SKIP " + apology(verdict) : std::string());
    return stage.text();
}

}  // namespace klass::report
