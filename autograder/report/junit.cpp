// SPDX-License-Identifier: Apache-2.0
#include "report/junit.h"

#include <fmt/format.h>

#include "report/check_text.h"
#include "report/markup.h"
#include "report/phrases.h"

namespace klass::report {

namespace {

using judge::CheckResult;
using judge::Status;
using judge::Verdict;

constexpr TextStyle plain{.width = 100};

std::string seconds(std::chrono::milliseconds duration) {
    return fmt::format("{}.{:03}", duration.count() / 1000, duration.count() % 1000);
}

/** Counts what it adds, as a suite has to say it. */
class Suite {
  public:
    explicit Suite(pugi::xml_node suite) : suite_(suite) {}

    pugi::xml_node test(const std::string &group, std::string_view name,
                        std::chrono::milliseconds duration) {
        ++tests_;
        return add(suite_, "testcase",
                   {{"classname", group}, {"name", one_line(name)}, {"time", seconds(duration)}});
    }
    void failure(pugi::xml_node test, std::string_view type, const std::string &message,
                 std::string_view text) {
        ++failures_;
        add(test, "failure", {{"message", message}, {"type", one_line(type)}}, text);
    }
    void error(pugi::xml_node test, const std::string &message) {
        ++errors_;
        add(test, "error", {{"message", message}, {"type", "judge_error"}});
    }
    void skipped(pugi::xml_node test, const std::string &message) {
        ++skipped_;
        add(test, "skipped", {{"message", message}});
    }
    void count_in(pugi::xml_node node) const {
        for (const auto &[name, count] :
             {std::pair{"tests", tests_}, std::pair{"failures", failures_},
              std::pair{"errors", errors_}, std::pair{"skipped", skipped_}})
            node.append_attribute(name).set_value(count);
    }

  private:
    pugi::xml_node suite_;
    unsigned tests_ = 0;
    unsigned failures_ = 0;
    unsigned errors_ = 0;
    unsigned skipped_ = 0;
};

void add_build(const Verdict &verdict, Suite &suite) {
    const pugi::xml_node test =
        suite.test(verdict.stage + ".build", "The submission builds", verdict.build.duration);
    std::string said;
    for (const kernel::Diagnostic &diagnostic : verdict.build.diagnostics)
        said += diagnostic_text(diagnostic) + "\n";
    if (!verdict.judge_error.empty())
        suite.error(test, apology(verdict));
    else if (!verdict.build.ok)
        suite.failure(test, "build_error", build_failure(verdict.build),
                      said.empty() ? verdict.build.output : said);
    else if (!said.empty())
        add(test, "system-out", {}, said);
}

void add_check(const CheckResult &check, const Verdict &verdict, Suite &suite) {
    const pugi::xml_node test =
        suite.test(verdict.stage + "." + check.id, check.title, check.duration);
    const std::string details = check_details(check, plain);
    if (is_failure(check.status)) {
        const bool named = check.crash && !check.hidden;
        suite.failure(test, named ? check.crash->kind : to_string(check.status), finding(check),
                      details);
        return;
    }
    if (check.status == Status::judge_error)
        suite.error(test, finding(check));
    if (check.status == Status::skipped)
        suite.skipped(test, finding(check));
    if (!details.empty())
        add(test, "system-out", {}, details);
}

}  // namespace

std::string junit_report(const Verdict &verdict) {
    pugi::xml_document document;
    const std::string time = seconds(verdict.duration);
    pugi::xml_node suites = add(document, "testsuites", {{"name", "klass"}, {"time", time}});
    pugi::xml_node node = add(suites, "testsuite", {{"name", verdict.stage}, {"time", time}});
    const pugi::xml_node properties = add(node, "properties");
    const auto property = [&](const char *name, std::string_view value) {
        add(properties, "property", {{"name", name}, {"value", one_line(value)}});
    };
    property("verdict", to_string(verdict.outcome));
    if (const std::string score = score_text(verdict); !score.empty()) {
        property("score", points_text(verdict.score));
        property("max_score", points_text(verdict.max_score));
    }
    property("seed", std::to_string(verdict.seed));
    property("submission", verdict.submission.sha256);
    property("kernel", verdict.kernel.release);
    Suite suite(node);
    add_build(verdict, suite);
    for (const CheckResult &check : verdict.checks)
        add_check(check, verdict, suite);
    suite.count_in(suites);
    suite.count_in(node);
    return xml_text(document);
}

}  // namespace klass::report
