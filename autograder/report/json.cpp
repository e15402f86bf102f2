// SPDX-License-Identifier: Apache-2.0
#include "report/json.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

#include "util/base64.h"
#include "util/error.h"

namespace klass::report {

namespace {

using judge::CheckResult;
using judge::Crash;
using judge::Verdict;
using kernel::Diagnostic;
using kernel::Frame;
using Json = nlohmann::ordered_json;

Json written(const Diagnostic &diagnostic) {
    return {{"severity", diagnostic.severity}, {"file", diagnostic.file},
            {"line", diagnostic.line},         {"column", diagnostic.column},
            {"message", diagnostic.message},   {"option", diagnostic.option},
            {"text", diagnostic.text},         {"tool", diagnostic.tool}};
}

Json written(const Frame &frame) {
    return {{"function", frame.function}, {"file", frame.file},   {"line", frame.line},
            {"text", frame.text},         {"stack", frame.stack}, {"module", frame.module},
            {"offset", frame.offset},     {"size", frame.size},   {"reliable", frame.reliable},
            {"exact", frame.exact}};
}

Json written(const std::vector<double> &values) {
    Json array = Json::array();
    for (const double value : values)
        array.push_back(std::isfinite(value) ? Json(value) : Json());
    return array;
}

Json written(const judge::Curve &curve) {
    return {{"name", curve.name}, {"values", written(curve.values)}};
}

Json written(const judge::Table &table);
Json written(const judge::Mark &mark);
Json written(const judge::Picture &picture);
Json written(const judge::Capture &capture);
Json written(const CheckResult &check);

template <typename Element>
Json written(const std::vector<Element> &elements) {
    Json array = Json::array();
    for (const Element &element : elements)
        array.push_back(written(element));
    return array;
}

Json written(const std::optional<Crash> &crash) {
    if (!crash)
        return nullptr;
    return {{"kind", crash->kind},
            {"summary", crash->summary},
            {"meaning", crash->meaning},
            {"frames", written(crash->frames)}};
}

Json written(const std::map<std::string, double> &metrics) {
    Json object = Json::object();
    for (const auto &[name, value] : metrics)
        if (std::isfinite(value))
            object[name] = value;
    return object;
}

Json written(const judge::Table &table) {
    return {{"title", table.title},
            {"x_axis", table.x_axis},
            {"unit", table.unit},
            {"x", written(table.x)},
            {"curves", written(table.curves)}};
}

Json written(const judge::Mark &mark) {
    return {{"x", mark.x}, {"y", mark.y}, {"label", mark.label}, {"towards", mark.towards}};
}

Json written(const judge::Picture &picture) {
    return {{"title", picture.title},
            {"width", picture.width},
            {"height", picture.height},
            {"png", to_base64(picture.png)},
            {"marks", written(picture.marks)}};
}

Json written(const judge::Capture &capture) {
    return {
        {"phase", capture.phase}, {"frames", capture.frames}, {"pcap", to_base64(capture.file)}};
}

/** Of a check that lost no points nobody looks at the frames: they would be most of the report. */
Json written_captures(const CheckResult &check) {
    return check.status == judge::Status::passed ? Json::array() : written(check.captures);
}

Json written(const CheckResult &check) {
    Json json{{"id", check.id},
              {"title", check.title},
              {"status", to_string(check.status)},
              {"score", check.score},
              {"max_score", check.max_score},
              {"hidden", check.hidden},
              {"did", check.did},
              {"expected", check.expected},
              {"actual", check.actual},
              {"difference", check.difference},
              {"hint", check.hint},
              {"book", check.book},
              {"log", check.log},
              {"crash", written(check.crash)},
              {"metrics", written(check.metrics)},
              {"tables", written(check.tables)},
              {"pictures", written(check.pictures)},
              {"captures", written_captures(check)},
              {"duration_ms", check.duration.count()},
              {"replay", check.replay}};
    if (!check.section.empty())
        json["section"] = check.section;
    if (!check.log_file.empty())
        json["log_file"] = check.log_file;
    return json;
}

Diagnostic read_diagnostic(const Json &json) {
    return {.severity = json.at("severity"),
            .file = json.at("file"),
            .line = json.at("line"),
            .column = json.at("column"),
            .message = json.at("message"),
            .option = json.at("option"),
            .text = json.at("text"),
            .tool = json.at("tool")};
}

Frame read_frame(const Json &json) {
    return {.function = json.at("function"),
            .offset = json.at("offset"),
            .size = json.at("size"),
            .module = json.at("module"),
            .reliable = json.at("reliable"),
            .exact = json.at("exact"),
            .stack = json.at("stack"),
            .file = json.at("file"),
            .line = json.at("line"),
            .text = json.at("text")};
}

template <typename Read>
auto read_list(const Json &json, const Read &read) {
    std::vector<decltype(read(json))> elements;
    for (const Json &element : json)
        elements.push_back(read(element));
    return elements;
}

std::optional<Crash> read_crash(const Json &json) {
    if (json.is_null())
        return std::nullopt;
    return Crash{.kind = json.at("kind"),
                 .summary = json.at("summary"),
                 .meaning = json.at("meaning"),
                 .frames = read_list(json.at("frames"), read_frame)};
}

std::vector<double> read_values(const Json &json) {
    return read_list(json, [](const Json &value) {
        return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
    });
}

judge::Curve read_curve(const Json &json) {
    return {.name = json.at("name"), .values = read_values(json.at("values"))};
}

/** @throws UsageError when the table cannot be drawn. */
judge::Table read_table(const Json &json) {
    judge::Table table{.title = json.at("title"),
                       .x_axis = json.at("x_axis"),
                       .unit = json.at("unit"),
                       .x = read_values(json.at("x")),
                       .curves = read_list(json.at("curves"), read_curve)};
    if (!well_formed(table))
        throw UsageError(
            fmt::format("the report has a table, \"{}\", that lacks values or whose "
                        "x values do not rise",
                        table.title));
    return table;
}

judge::Mark read_mark(const Json &json) {
    return {.x = json.at("x"),
            .y = json.at("y"),
            .label = json.at("label"),
            .towards = json.at("towards")};
}

/** @throws UsageError when it cannot be shown. */
judge::Picture read_picture(const Json &json) {
    judge::Picture picture{.title = json.at("title"),
                           .width = json.at("width"),
                           .height = json.at("height"),
                           .png = from_base64(json.at("png").get<std::string>()).value_or(Bytes()),
                           .marks = read_list(json.at("marks"), read_mark)};
    if (!well_formed(picture))
        throw UsageError(fmt::format(
            "the report has a picture, \"{}\", that is no PNG, or has marks that cannot be drawn",
            picture.title));
    return picture;
}

judge::Capture read_capture(const Json &json) {
    auto file = from_base64(json.at("pcap").get<std::string>());
    if (!file)
        throw UsageError("the report has a capture of the network that is not base64");
    return {.phase = json.at("phase"), .frames = json.at("frames"), .file = std::move(*file)};
}

/** A name of an enumeration. @throws UsageError when there is no such value. */
template <typename FromName>
auto read_name(const Json &json, const FromName &from_name) {
    const auto name = json.get<std::string>();
    const auto value = from_name(name);
    if (!value)
        throw UsageError(
            fmt::format("the report has a status or verdict \"{}\", which there is not", name));
    return *value;
}

std::chrono::milliseconds read_duration(const Json &json) {
    return std::chrono::milliseconds(json.get<std::int64_t>());
}

CheckResult read_check(const Json &json) {
    return {.id = json.at("id"),
            .title = json.at("title"),
            .status = read_name(json.at("status"), judge::status_from),
            .score = json.at("score"),
            .max_score = json.at("max_score"),
            .did = json.at("did"),
            .expected = json.at("expected"),
            .actual = json.at("actual"),
            .difference = json.at("difference"),
            .hint = json.at("hint"),
            .book = json.at("book"),
            .section = json.value("section", ""),
            .log = json.at("log"),
            .crash = read_crash(json.at("crash")),
            .metrics = json.at("metrics"),
            // A report of before there were these has none.
            .tables = read_list(json.value("tables", Json::array()), read_table),
            .pictures = read_list(json.value("pictures", Json::array()), read_picture),
            .captures = read_list(json.value("captures", Json::array()), read_capture),
            .duration = read_duration(json.at("duration_ms")),
            .replay = json.at("replay"),
            .hidden = json.at("hidden"),
            .log_file = json.value("log_file", "")};
}

Verdict read_verdict(const Json &json) {
    const Json &submission = json.at("submission");
    const Json &kernel = json.at("kernel");
    const Json &qemu = json.at("qemu");
    const Json &build = json.at("build");
    return {.stage = json.at("stage"),
            .title = json.at("title"),
            .outcome = read_name(json.at("verdict"), judge::outcome_from),
            .score = json.at("score"),
            .max_score = json.at("max_score"),
            .seed = json.at("seed"),
            .checks_sha256 = json.value("checks_sha256", std::string()),
            .submission = {.path = submission.at("path"), .sha256 = submission.at("sha256")},
            .kernel = {.flavour = kernel.at("flavour"),
                       .release = kernel.at("release"),
                       .key = kernel.at("key")},
            .qemu = {.version = qemu.at("version"),
                     .accelerator = qemu.at("accelerator"),
                     .command = qemu.at("command")},
            .build = {.ok = build.at("ok"),
                      .error = build.at("error"),
                      .diagnostics = read_list(build.at("diagnostics"), read_diagnostic),
                      .output = build.at("output"),
                      .duration = read_duration(build.at("duration_ms"))},
            .checks = read_list(json.at("checks"), read_check),
            .judge_error = json.at("judge_error"),
            .duration = read_duration(json.at("duration_ms"))};
}

}  // namespace

Json json_of(const Diagnostic &diagnostic) {
    return written(diagnostic);
}

Json json_report(const Verdict &verdict) {
    const Json report = {
        {"schema", json_schema_name},
        {"stage", verdict.stage},
        {"title", verdict.title},
        {"verdict", to_string(verdict.outcome)},
        {"score", verdict.score},
        {"max_score", verdict.max_score},
        {"seed", verdict.seed},
        {"duration_ms", verdict.duration.count()},
        {"judge_error", verdict.judge_error},
        {"checks_sha256", verdict.checks_sha256},
        {"submission", {{"path", verdict.submission.path}, {"sha256", verdict.submission.sha256}}},
        {"kernel",
         {{"flavour", verdict.kernel.flavour},
          {"release", verdict.kernel.release},
          {"key", verdict.kernel.key}}},
        {"qemu",
         {{"version", verdict.qemu.version},
          {"accelerator", verdict.qemu.accelerator},
          {"command", verdict.qemu.command}}},
        {"build",
         {{"ok", verdict.build.ok},
          {"error", verdict.build.error},
          {"diagnostics", written(verdict.build.diagnostics)},
          {"output", verdict.build.output},
          {"duration_ms", verdict.build.duration.count()}}},
        {"checks", written(verdict.checks)}};
    // Only when it is written does the library look at the texts' encoding, and can mend it. Done
    // here once, no user of the report can meet its exception.
    return Json::parse(report.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Verdict verdict_from_json(const Json &report) {
    try {
        if (const auto schema = report.at("schema").get<std::string>(); schema != json_schema_name)
            throw UsageError(fmt::format("the report is a {}, not a {}", schema, json_schema_name),
                             "read it with the klass that wrote it");
        return read_verdict(report);
    } catch (const Json::exception &error) {
        throw UsageError(fmt::format("the report is not a {}: {}", json_schema_name, error.what()));
    }
}

}  // namespace klass::report
