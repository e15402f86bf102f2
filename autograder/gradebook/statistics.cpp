// SPDX-License-Identifier: Apache-2.0
#include "gradebook/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "report/phrases.h"

namespace klass::gradebook {

namespace {

/**
 * What two students' crashes have in common: the kind, and where. The line differs from student to
 * student, so that the function has to do.
 */
std::pair<std::string, std::string> identity_of(const judge::Crash &crash) {
    const kernel::Frame *frame = report::students_frame(crash);
    return {crash.kind, frame == nullptr ? std::string("outside of the submission")
                                         : fmt::format("in {} ({})", frame->function, frame->file)};
}

double median_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

Statistics statistics_of(Database &database, const std::string &stage) {
    Statistics statistics{.stage = stage};
    std::vector<double> scores;
    std::map<std::string, std::size_t> place;
    std::map<std::pair<std::string, std::string>, CrashCount> crashes;
    for (const Entry &entry : entries(database, {.stage = stage})) {
        if (!entry.has_points())
            continue;
        const judge::Verdict verdict = verdict_of(database, entry.result->id);
        scores.push_back(verdict.score);
        ++statistics.students;
        statistics.builds += verdict.build.ok ? 1 : 0;
        statistics.max_score = std::max(statistics.max_score, verdict.max_score);
        std::set<std::pair<std::string, std::string>> seen;
        for (const judge::CheckResult &check : verdict.checks) {
            const auto [at, is_new] = place.emplace(check.id, statistics.checks.size());
            if (is_new)
                statistics.checks.push_back({.id = check.id, .title = check.title});
            if (check.status == judge::Status::skipped)
                continue;
            CheckCount &count = statistics.checks[at->second];
            ++count.of;
            count.failed += report::is_failure(check.status) ? 1 : 0;
            if (!check.crash)
                continue;
            const auto identity = identity_of(*check.crash);
            CrashCount &crash = crashes[identity];
            if (crash.check.empty()) {
                crash.kind = identity.first;
                crash.place = identity.second;
                crash.check = check.id;
            }
            // The same mistake shows itself in many checks, and is one student's all the same.
            if (seen.insert(identity).second)
                crash.students.push_back(entry.student.id);
        }
    }
    if (!scores.empty()) {
        statistics.median = median_of(scores);
        statistics.lowest = *std::min_element(scores.begin(), scores.end());
        statistics.highest = *std::max_element(scores.begin(), scores.end());
    }
    for (auto &each : crashes)
        statistics.crashes.push_back(std::move(each.second));
    std::stable_sort(statistics.checks.begin(), statistics.checks.end(),
                     [](const CheckCount &a, const CheckCount &b) { return a.failed > b.failed; });
    std::stable_sort(statistics.crashes.begin(), statistics.crashes.end(),
                     [](const CrashCount &a, const CrashCount &b) {
                         return a.students.size() > b.students.size();
                     });
    return statistics;
}

}  // namespace klass::gradebook
