// SPDX-License-Identifier: Apache-2.0
#include "report/sarif.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "report/phrases.h"
#include "report/wrap.h"

namespace klass::report {

namespace {

using judge::CheckResult;
using judge::Crash;
using judge::Outcome;
using judge::Verdict;
using kernel::Diagnostic;
using kernel::Frame;
using Json = nlohmann::ordered_json;

constexpr const char *submission_root = "SUBMISSION";

/** Said aloud, since in braces one element is a copy of itself for some compilers. */
Json list_of(Json element) {
    Json list = Json::array();
    list.push_back(std::move(element));
    return list;
}

Json message(std::string_view text) {
    return {{"text", one_line(text)}};
}

/** A path as a relative reference: RFC 3986, section 4.2. */
std::string uri_of(std::string_view path) {
    constexpr std::string_view unreserved = "-._~/+";
    std::string uri;
    for (const char byte : path) {
        const auto value = static_cast<unsigned char>(byte);
        if ((value < 0x80 && std::isalnum(value) != 0) ||
            unreserved.find(byte) != std::string_view::npos)
            uri.push_back(byte);
        else
            uri += fmt::format("%{:02X}", value);
    }
    return uri;
}

Json physical_location(const std::string &file, int line, std::size_t column,
                       const std::string &text) {
    Json location = {{"artifactLocation", {{"uri", uri_of(file)}, {"uriBaseId", submission_root}}}};
    if (line <= 0)
        return location;
    location["region"] = {{"startLine", line}};
    if (column > 0)
        location["region"]["startColumn"] = column;
    if (!text.empty())
        location["region"]["snippet"] = message(text);
    return location;
}

Json location_of(const Frame &frame) {
    Json location = Json::object();
    if (!frame.file.empty())
        location["physicalLocation"] = physical_location(frame.file, frame.line, 0, frame.text);
    location["logicalLocations"] =
        list_of({{"fullyQualifiedName", one_line(frame.function)}, {"kind", "function"}});
    return location;
}

/** The stacks of a report, each under what it did; the one that is blamed comes first. */
Json stacks_of(const Crash &crash) {
    Json stacks = Json::array();
    const std::string *name = nullptr;
    for (const Frame &frame : crash.frames) {
        if (name == nullptr || *name != frame.stack) {
            stacks.push_back({{"message", message(frame.stack.empty() ? "reported" : frame.stack)},
                              {"frames", Json::array()}});
            name = &frame.stack;
        }
        Json entry = {{"location", location_of(frame)}};
        if (!frame.module.empty())
            entry["module"] = one_line(frame.module);
        stacks.back()["frames"].push_back(std::move(entry));
    }
    return stacks;
}

/** Results, and the rules that they are of, each of which is described once. */
class Run {
  public:
    void add(const Diagnostic &diagnostic) {
        const std::string tool = one_line(diagnostic.tool);
        const std::string option = one_line(diagnostic.option);
        Json result = result_of(option.empty() ? tool : tool + "/" + option,
                                option.empty() ? "A message of " + tool
                                               : fmt::format("What {} finds by {}", tool, option),
                                level_of(diagnostic.severity), diagnostic.message);
        if (!diagnostic.file.empty())
            result["locations"] =
                list_of({{"physicalLocation",
                          physical_location(diagnostic.file, diagnostic.line,
                                            character_at(diagnostic.text, diagnostic.column),
                                            diagnostic.text)}});
        results_.push_back(std::move(result));
    }
    void add(const kernel::Advice &advice) {
        add(advice.diagnostic);
        Json &rule = rules_[results_.back()["ruleIndex"].get<std::size_t>()];
        if (!advice.meaning.empty())
            rule["fullDescription"] = message(advice.meaning);
        if (!advice.link.empty())
            rule["helpUri"] = advice.link;
    }
    void add(const CheckResult &check) {
        const Crash &crash = *check.crash;
        Json result = result_of("kernel/" + one_line(crash.kind), crash.meaning, "error",
                                fmt::format("{}: {}", crash.kind, crash.summary));
        if (const Frame *frame = students_frame(crash))
            result["locations"] = list_of(location_of(*frame));
        if (!crash.frames.empty())
            result["stacks"] = stacks_of(crash);
        result["properties"] = {{"check", check.id}};
        results_.push_back(std::move(result));
    }
    [[nodiscard]] const Json &results() const { return results_; }
    [[nodiscard]] const Json &rules() const { return rules_; }

  private:
    static std::string level_of(const std::string &severity) {
        return severity == "error" || severity == "warning" ? severity : "note";
    }
    Json result_of(const std::string &rule, const std::string &description,
                   const std::string &level, const std::string &text) {
        const auto known = std::find_if(rules_.begin(), rules_.end(),
                                        [&](const Json &each) { return each["id"] == rule; });
        const auto index = known - rules_.begin();
        if (known == rules_.end())
            rules_.push_back(
                {{"id", rule},
                 {"shortDescription", message(description.empty() ? rule : description)}});
        return {
            {"ruleId", rule}, {"ruleIndex", index}, {"level", level}, {"message", message(text)}};
    }

    Json results_ = Json::array();
    Json rules_ = Json::array();
};

Json invocation_of(const Verdict &verdict) {
    const bool ours = verdict.outcome == Outcome::judge_error;
    Json invocation = {{"executionSuccessful", !ours}};
    if (ours)
        invocation["toolExecutionNotifications"] =
            list_of({{"level", "error"}, {"message", message(apology(verdict))}});
    return invocation;
}

Json log_of(const Run &run, const std::string &stage, Json invocation, Json properties) {
    const Json root = {{"description", message("the submission's folder")}};
    const Json written = {{"tool", {{"driver", {{"name", "Klass"}, {"rules", run.rules()}}}}},
                          {"automationDetails", {{"id", one_line(stage) + "/"}}},
                          {"invocations", list_of(std::move(invocation))},
                          {"originalUriBaseIds", {{submission_root, root}}},
                          {"columnKind", "unicodeCodePoints"},
                          {"results", run.results()},
                          {"properties", std::move(properties)}};
    return {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
            {"version", "2.1.0"},
            {"runs", list_of(written)}};
}

}  // namespace

Json sarif_log(const Verdict &verdict) {
    Run run;
    for (const Diagnostic &diagnostic : verdict.build.diagnostics)
        run.add(diagnostic);
    for (const CheckResult &check : verdict.checks)
        if (check.crash && is_failure(check.status) && !check.hidden)
            run.add(check);
    return log_of(run, verdict.stage, invocation_of(verdict),
                  {{"verdict", to_string(verdict.outcome)}, {"seed", verdict.seed}});
}

Json sarif_log(const std::vector<kernel::Advice> &advice, const std::string &stage) {
    Run run;
    for (const kernel::Advice &each : advice)
        run.add(each);
    return log_of(run, stage, {{"executionSuccessful", true}}, Json::object());
}

std::string sarif_report(const Verdict &verdict) {
    return sarif_log(verdict).dump(2) + "\n";
}

}  // namespace klass::report
