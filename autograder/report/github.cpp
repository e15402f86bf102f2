// SPDX-License-Identifier: Apache-2.0
#include "report/github.h"

#include <fmt/format.h>

#include <filesystem>

#include "kernel/text.h"
#include "report/phrases.h"
#include "report/wrap.h"

namespace klass::report {

namespace {

using judge::CheckResult;
using judge::Outcome;
using judge::Verdict;

std::string escaped(std::string_view text, std::string_view special) {
    std::string result;
    for (const char byte : text) {
        if (special.find(byte) == std::string_view::npos)
            result.push_back(byte);
        else
            result += fmt::format("%{:02X}", static_cast<unsigned char>(byte));
    }
    return result;
}

/** Where an annotation stands; nowhere without a file. */
struct Place {
    std::string file;
    int line = 0;
    std::size_t column = 0;
};

std::string annotation(std::string_view level, const std::string &title, std::string_view message,
                       const Place &place = {}) {
    std::string properties = "title=" + github_property(one_line(title));
    if (!place.file.empty())
        properties += ",file=" + github_property(one_line(place.file));
    if (!place.file.empty() && place.line > 0)
        properties += fmt::format(",line={}", place.line);
    if (!place.file.empty() && place.line > 0 && place.column > 0)
        properties += fmt::format(",col={}", place.column);
    return fmt::format("::{} {}::{}\n", level, properties,
                       github_message(kernel::safe_text(message)));
}

/** GitHub finds a file by its path in the repository, or by an absolute one. */
std::string path_of(const std::string &folder, const std::string &file) {
    return (std::filesystem::path(folder) / file).lexically_normal().string();
}

std::string of_check(const CheckResult &check, const Verdict &verdict) {
    std::string message = finding(check);
    if (check.hidden)
        return annotation("error", check.title, message);
    if (check.crash)
        message += "\n" + check.crash->meaning;
    if (!check.hint.empty())
        message += "\nHint: " + check.hint;
    const kernel::Frame *frame = check.crash ? students_frame(*check.crash) : nullptr;
    if (frame == nullptr)
        return annotation("error", check.title, message);
    return annotation("error", check.title, message,
                      {path_of(verdict.submission.path, frame->file), frame->line});
}

}  // namespace

std::string github_message(std::string_view text) {
    return escaped(text, "%\r\n");
}

std::string github_property(std::string_view text) {
    return escaped(text, "%\r\n:,");
}

std::string github_annotation(const kernel::Diagnostic &diagnostic, const std::string &folder,
                              const std::string &more) {
    const std::string_view level = diagnostic.severity == "error"     ? "error"
                                   : diagnostic.severity == "warning" ? "warning"
                                                                      : "notice";
    std::string message = diagnostic.message;
    if (!diagnostic.option.empty())
        message += fmt::format(" [{}]", diagnostic.option);
    if (!more.empty())
        message += "\n" + more;
    if (diagnostic.file.empty())
        return annotation(level, diagnostic.tool, message);
    return annotation(level, diagnostic.tool, message,
                      {path_of(folder, diagnostic.file), diagnostic.line,
                       character_at(diagnostic.text, diagnostic.column)});
}

std::string github_report(const Verdict &verdict) {
    std::string text;
    for (const kernel::Diagnostic &diagnostic : verdict.build.diagnostics)
        text += github_annotation(diagnostic, verdict.submission.path);
    for (const CheckResult &check : verdict.checks)
        if (is_failure(check.status))
            text += of_check(check, verdict);
    if (verdict.outcome == Outcome::judge_error)
        return text + annotation("warning", verdict.stage, apology(verdict));
    if (verdict.outcome == Outcome::build_error)
        text += annotation("error", verdict.stage, build_failure(verdict.build));
    return text + annotation("notice", verdict.stage, summary(verdict));
}

}  // namespace klass::report
