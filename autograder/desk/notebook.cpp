// SPDX-License-Identifier: Apache-2.0
#include "desk/notebook.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "report/phrases.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/file_lock.h"

namespace klass::desk {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using judge::Status;
using judge::Verdict;

constexpr const char *schema = "klass-progress/1";
/** Folders of the course that hold submissions which nobody made for points. */
constexpr std::array not_own{"exercises", "solutions", "autograder"};

std::int64_t seconds_of(Time time) {
    return time.time_since_epoch().count();
}

Time time_from(const Json &json) {
    return Time(std::chrono::seconds(json.get<std::int64_t>()));
}

Json to_json(const Best &best) {
    return {{"score", best.score},
            {"max_score", best.max_score},
            {"at", seconds_of(best.at)},
            {"submission", best.submission},
            {"seed", best.seed}};
}

Best best_from(const Json &json) {
    return {.score = json.at("score"),
            .max_score = json.at("max_score"),
            .at = time_from(json.at("at")),
            .submission = json.at("submission"),
            .seed = json.at("seed")};
}

Json to_json(const LastGrading &last) {
    return {{"outcome", judge::to_string(last.outcome)},
            {"score", last.score},
            {"max_score", last.max_score},
            {"whole", last.whole},
            {"at", seconds_of(last.at)},
            {"submission", last.submission},
            {"build_error", last.build_error}};
}

LastGrading last_from(const Json &json) {
    return {.outcome = judge::outcome_from(json.at("outcome").get<std::string>()).value(),
            .score = json.at("score"),
            .max_score = json.at("max_score"),
            .whole = json.at("whole"),
            .at = time_from(json.at("at")),
            .submission = json.at("submission"),
            .build_error = json.at("build_error")};
}

Json to_json(const StageNotes &notes) {
    Json checks = Json::object();
    for (const auto &[id, status] : notes.checks)
        checks[id] = judge::to_string(status);
    return {{"folder", notes.folder.string()},
            {"gradings", notes.gradings},
            {"best", notes.best ? to_json(*notes.best) : Json()},
            {"last", notes.last ? to_json(*notes.last) : Json()},
            {"checks", checks},
            {"hints", notes.hints}};
}

StageNotes stage_from(const Json &json) {
    StageNotes notes;
    notes.folder = json.at("folder").get<std::string>();
    notes.gradings = json.at("gradings");
    if (!json.at("best").is_null())
        notes.best = best_from(json.at("best"));
    if (!json.at("last").is_null())
        notes.last = last_from(json.at("last"));
    for (const auto &[id, status] : json.at("checks").items())
        notes.checks[id] = judge::status_from(status.get<std::string>()).value();
    for (const auto &[id, count] : json.at("hints").items())
        notes.hints[id] = count;
    return notes;
}

std::map<std::string, StageNotes> read(const fs::path &file) {
    std::error_code ignored;
    if (!fs::exists(file, ignored))
        return {};
    try {
        const Json json = Json::parse(read_file(file));
        std::map<std::string, StageNotes> stages;
        if (json.at("schema") != schema)
            throw UsageError(file.string() + " was written by another version of Klass");
        for (const auto &[id, notes] : json.at("stages").items())
            stages[id] = stage_from(notes);
        return stages;
    } catch (const UsageError &) {
        throw;
    } catch (const std::exception &) {
        throw UsageError(file.string() + " is not the record of your work that Klass writes",
                         "move it away, and Klass begins a new one");
    }
}

std::string text_of(const std::map<std::string, StageNotes> &stages) {
    Json json{{"schema", schema}, {"stages", Json::object()}};
    for (const auto &[id, notes] : stages)
        json["stages"][id] = to_json(notes);
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

double share(double score, double max_score) {
    return max_score > 0 ? score / max_score : 0;
}

std::string first_complaint(const judge::BuildSummary &build) {
    const auto found =
        std::find_if(build.diagnostics.begin(), build.diagnostics.end(),
                     [](const auto &diagnostic) { return diagnostic.severity == "error"; });
    return report::one_line(found == build.diagnostics.end() ? build.error
                                                             : report::diagnostic_text(*found));
}

bool is_below(const fs::path &folder, const fs::path &other) {
    const fs::path relative = folder.lexically_relative(other);
    return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

void note_verdict(StageNotes &notes, const Verdict &verdict, bool whole, Time now) {
    if (verdict.outcome == judge::Outcome::judge_error)
        return;
    std::error_code ignored;
    notes.folder = fs::absolute(verdict.submission.path, ignored).lexically_normal();
    if (!notes.folder.has_filename())
        notes.folder = notes.folder.parent_path();
    ++notes.gradings;
    notes.last = LastGrading{.outcome = verdict.outcome,
                             .score = verdict.score,
                             .max_score = verdict.max_score,
                             .whole = whole,
                             .at = now,
                             .submission = verdict.submission.sha256,
                             .build_error = verdict.build.ok ? "" : first_complaint(verdict.build)};
    // Of a submission that does not build nothing new is known of any check.
    for (const judge::CheckResult &check : verdict.checks)
        if (check.status != Status::skipped)
            notes.checks[check.id] = check.status;
    const bool better = !notes.best || share(verdict.score, verdict.max_score) >
                                           share(notes.best->score, notes.best->max_score);
    if (whole && better)
        notes.best = Best{.score = verdict.score,
                          .max_score = verdict.max_score,
                          .at = now,
                          .submission = verdict.submission.sha256,
                          .seed = verdict.seed};
}

bool is_own_work(const fs::path &course, const fs::path &folder) {
    std::error_code ignored;
    const fs::path place = fs::weakly_canonical(folder, ignored);
    return std::none_of(not_own.begin(), not_own.end(), [&](const char *part) {
        return is_below(place, fs::weakly_canonical(course / part, ignored));
    });
}

std::map<std::string, StageNotes> Notebook::stages() const {
    if (folder_.empty())
        return {};
    return read(file());
}

StageNotes Notebook::of(const std::string &stage) const {
    const auto all = stages();
    const auto found = all.find(stage);
    return found == all.end() ? StageNotes() : found->second;
}

StageNotes Notebook::change(const std::string &stage,
                            const std::function<void(StageNotes &)> &change) const {
    if (folder_.empty()) {
        StageNotes forgotten;
        change(forgotten);
        return forgotten;
    }
    const FileLock lock(folder_ / "lock");
    auto all = read(file());
    StageNotes &notes = all[stage];
    change(notes);
    write_file_atomically(file(), text_of(all));
    return notes;
}

fs::path Notebook::logs(const std::string &stage) const {
    return folder_.empty() ? fs::path() : folder_ / "logs" / stage;
}

}  // namespace klass::desk
