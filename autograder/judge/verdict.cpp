// SPDX-License-Identifier: Apache-2.0
#include "judge/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

namespace klass::judge {

namespace {

// In the order of the enumerations.
constexpr std::array outcome_names{"accepted", "partial", "failed", "build_error", "judge_error"};
constexpr std::array status_names{"passed",  "failed",  "timeout",
                                  "crashed", "skipped", "judge_error"};

template <typename Enum, typename Names>
std::optional<Enum> from_name(const Names &names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        return std::nullopt;
    return static_cast<Enum>(found - names.begin());
}

Outcome outcome_of(const Verdict &verdict) {
    // Points such as 0.1 do not sum exactly.
    constexpr double tolerance = 1e-9;
    const bool judge_failed =
        !verdict.judge_error.empty() ||
        std::any_of(verdict.checks.begin(), verdict.checks.end(),
                    [](const CheckResult &check) { return check.status == Status::judge_error; });
    if (judge_failed)
        return Outcome::judge_error;
    if (!verdict.build.ok)
        return Outcome::build_error;
    if (verdict.checks.empty())
        return Outcome::judge_error;
    if (verdict.score >= verdict.max_score - tolerance)
        return Outcome::accepted;
    return verdict.score < tolerance ? Outcome::failed : Outcome::partial;
}

}  // namespace

const char *to_string(Outcome outcome) {
    return outcome_names.at(static_cast<std::size_t>(outcome));
}

const char *to_string(Status status) {
    return status_names.at(static_cast<std::size_t>(status));
}

std::optional<Outcome> outcome_from(std::string_view name) {
    return from_name<Outcome>(outcome_names, name);
}

std::optional<Status> status_from(std::string_view name) {
    return from_name<Status>(status_names, name);
}

std::string capture_name(std::string_view check, std::string_view phase) {
    return fmt::format("{}-{}.pcap", check, phase);
}

bool well_formed(const Table &table) {
    const auto finite = [](double value) { return std::isfinite(value); };
    const auto complete = [&](const Curve &curve) { return curve.values.size() == table.x.size(); };
    return !table.x.empty() && std::all_of(table.x.begin(), table.x.end(), finite) &&
           std::adjacent_find(table.x.begin(), table.x.end(), std::greater_equal<>()) ==
               table.x.end() &&
           !table.curves.empty() && std::all_of(table.curves.begin(), table.curves.end(), complete);
}

bool well_formed(const Picture &picture) {
    constexpr std::array<std::uint8_t, 8> signature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    const auto can_be_drawn = [&](const Mark &mark) {
        return std::isfinite(mark.x) && std::isfinite(mark.y) &&
               mark.towards < picture.marks.size();
    };
    return picture.width > 0 && picture.height > 0 && picture.png.size() > signature.size() &&
           std::equal(signature.begin(), signature.end(), picture.png.begin()) &&
           std::all_of(picture.marks.begin(), picture.marks.end(), can_be_drawn);
}

void tally(Verdict &verdict) {
    verdict.score = 0;
    verdict.max_score = 0;
    for (const CheckResult &check : verdict.checks) {
        verdict.score += check.score;
        verdict.max_score += check.max_score;
    }
    verdict.outcome = outcome_of(verdict);
    if (verdict.outcome == Outcome::build_error)
        verdict.score = 0;
    if (verdict.outcome == Outcome::judge_error && verdict.judge_error.empty())
        verdict.judge_error = verdict.checks.empty() ? "no check was carried out"
                                                     : "a check could not be carried out";
}

}  // namespace klass::judge
