// SPDX-License-Identifier: Apache-2.0
#include "report/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/check_text.h"
#include "report/diagnostic_text.h"
#include "report/github.h"
#include "report/json.h"
#include "report/phrases.h"
#include "report/sarif.h"
#include "report/wrap.h"

namespace klass::report {

namespace {

using Json = nlohmann::ordered_json;
using kernel::Advice;

constexpr std::size_t indent = 4;

std::string paragraph(std::string_view text, Colour colour, const TextStyle &style) {
    std::string lines;
    for (const std::string &line : wrapped(one_line(text), width_of(style) - indent))
        lines += fmt::format("{:{}}{}\n", "", indent, painted(line, colour, style));
    return lines;
}

/** The same meaning and link once, for the first of several remarks. */
std::string explanation(const Advice &advice, bool known, const TextStyle &style) {
    if (known)
        return {};
    std::string text;
    if (!advice.meaning.empty())
        text += paragraph(fmt::format("{}: {}", advice.diagnostic.tool, advice.meaning),
                          Colour::none, style);
    if (!advice.link.empty())
        text += paragraph(advice.link, Colour::dim, style);
    return text;
}

std::string note_on_missing(const kernel::LintResult &result) {
    if (result.missing.empty())
        return {};
    return fmt::format("Not asked, since not installed: {0}. apt-get install {0}\n",
                       fmt::join(result.missing, " "));
}

}  // namespace

std::string advice_text(const AdviceReport &report, const TextStyle &style) {
    std::string text;
    std::vector<const Advice *> told;
    for (const Advice &advice : report.result.advice) {
        const bool known = std::any_of(told.begin(), told.end(), [&](const Advice *other) {
            return other->meaning == advice.meaning && other->link == advice.link;
        });
        told.push_back(&advice);
        text += diagnostic_details(advice.diagnostic, style);
        text += explanation(advice, known, style) + "\n";
    }
    if (!report.result.build_error.empty())
        text += fmt::format("It does not build: {}\n", one_line(report.result.build_error));
    const std::size_t count = report.result.advice.size();
    if (count > 0)
        text += fmt::format("{} {} of advice. None costs points.\n", count,
                            count == 1 ? "piece" : "pieces");
    else if (report.result.build_error.empty())
        text += "No advice: nothing was found.\n";
    return text + note_on_missing(report.result);
}

std::string advice_json(const AdviceReport &report) {
    Json list = Json::array();
    for (const Advice &advice : report.result.advice) {
        Json entry = json_of(advice.diagnostic);
        entry["meaning"] = advice.meaning;
        entry["link"] = advice.link;
        list.push_back(std::move(entry));
    }
    return Json{{"schema", "klass-lint/1"},
                {"stage", report.stage},
                {"build_error", report.result.build_error},
                {"missing", report.result.missing},
                {"advice", std::move(list)}}
               .dump(2, ' ', false, Json::error_handler_t::replace) +
           "\n";
}

std::string advice_sarif(const AdviceReport &report) {
    return sarif_log(report.result.advice, report.stage).dump(2) + "\n";
}

std::string advice_github(const AdviceReport &report) {
    std::string text;
    for (const Advice &advice : report.result.advice)
        text += github_annotation(
            advice.diagnostic, report.folder,
            advice.link.empty() ? advice.meaning : advice.meaning + "\n" + advice.link);
    return text;
}

}  // namespace klass::report
