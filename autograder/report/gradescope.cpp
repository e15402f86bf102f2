// SPDX-License-Identifier: Apache-2.0
#include "report/gradescope.h"

#include <nlohmann/json.hpp>

#include "report/check_text.h"
#include "report/json.h"
#include "report/phrases.h"

namespace klass::report {

namespace {

using judge::CheckResult;
using judge::Outcome;
using judge::Status;
using judge::Verdict;
using Json = nlohmann::ordered_json;

std::string output_of(const CheckResult &check) {
    const std::string details = check_details(check, {.width = 100});
    if (!details.empty() || check.status == Status::passed)
        return details;
    return finding(check);
}

Json test_of(const CheckResult &check, std::size_t number) {
    return {{"name", one_line(check.title)},
            {"number", std::to_string(number)},
            {"score", check.score},
            {"max_score", check.max_score},
            {"status", check.status == Status::passed ? "passed" : "failed"},
            {"output", output_of(check)},
            {"visibility", "visible"},
            {"extra_data", {{"id", check.id}, {"status", to_string(check.status)}}}};
}

std::string output_of(const Verdict &verdict) {
    std::string text = summary(verdict) + "\n";
    if (verdict.outcome == Outcome::judge_error)
        return text + apology(verdict) + "\nPlease submit again, or tell your instructor.\n";
    if (!verdict.build.ok)
        text += build_failure(verdict.build) + "\n";
    for (const kernel::Diagnostic &diagnostic : verdict.build.diagnostics)
        text += diagnostic_text(diagnostic) + "\n";
    if (const std::string note = note_on_hidden(verdict); !note.empty())
        text += note + "\n";
    return text;
}

}  // namespace

Json gradescope_results(const Verdict &verdict) {
    const std::chrono::duration<double> time = verdict.duration;
    Json results = {{"output", output_of(verdict)},
                    {"output_format", "text"},
                    {"test_output_format", "text"},
                    {"test_name_format", "text"},
                    {"visibility", "visible"},
                    {"stdout_visibility", "hidden"},
                    {"execution_time", time.count()},
                    {"extra_data",
                     {{"schema", json_schema_name},
                      {"stage", verdict.stage},
                      {"verdict", to_string(verdict.outcome)},
                      {"seed", verdict.seed},
                      {"submission_sha256", verdict.submission.sha256}}}};
    if (verdict.outcome == Outcome::judge_error)
        return results;
    results["score"] = verdict.score;
    results["tests"] = Json::array();
    for (const CheckResult &check : verdict.checks)
        results["tests"].push_back(test_of(check, results["tests"].size() + 1));
    return results;
}

std::string gradescope_report(const Verdict &verdict) {
    return gradescope_results(verdict).dump(2) + "\n";
}

}  // namespace klass::report
