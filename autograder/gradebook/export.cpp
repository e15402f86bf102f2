// SPDX-License-Identifier: Apache-2.0
#include "gradebook/export.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "kernel/text.h"
#include "report/audience.h"
#include "report/format.h"
#include "report/gradescope.h"
#include "report/phrases.h"
#include "report/wrap.h"
#include "util/csv.h"
#include "util/digest.h"
#include "util/error.h"

namespace klass::gradebook {

namespace {

using Json = nlohmann::ordered_json;

std::string points_of(const Entry &entry) {
    return entry.has_points() ? report::points_text(entry.result->score) : std::string();
}

std::string maximum_of(const Entry &entry) {
    return entry.has_points() ? report::points_text(entry.result->max_score) : std::string();
}

/** A line of a table for spreadsheets. */
std::string safe_line(std::vector<std::string> cells) {
    for (std::string &cell : cells)
        cell = not_a_formula(std::move(cell));
    return csv_line(cells);
}

std::string padded(std::string text, std::size_t columns) {
    const std::size_t width = report::columns_of(text);
    if (width < columns)
        text.append(columns - width, ' ');
    return text;
}

std::string text_table(Database & /*database*/, const std::vector<Entry> &entries,
                       const ExportOptions & /*options*/) {
    const std::vector<std::string> titles{"student", "name", "stage", "points", "", "handed in"};
    std::vector<std::vector<std::string>> rows{titles};
    for (const Entry &entry : entries) {
        std::string what = report::one_line(status_of(entry));
        std::replace(what.begin(), what.end(), '_', ' ');
        rows.push_back(
            {report::one_line(entry.student.id), report::one_line(entry.student.name), entry.stage,
             entry.has_points() ? fmt::format("{:>3} of {}", points_of(entry), maximum_of(entry))
                                : "",
             what, entry.hand_in ? time_text(entry.hand_in->handed_in_at) : ""});
    }
    std::vector<std::size_t> widths(titles.size());
    for (const auto &row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], report::columns_of(row[i]));
    std::string text;
    for (const auto &row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line += padded(row[i], widths[i]) + "  ";
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

std::string csv_table(Database & /*database*/, const std::vector<Entry> &entries,
                      const ExportOptions & /*options*/) {
    std::string text =
        csv_line({"stage", "student", "name", "status", "score", "max_score", "hand_ins",
                  "handed_in", "graded_at", "seed", "kernel", "checks", "submission", "finding"});
    for (const Entry &entry : entries) {
        const auto &result = entry.result;
        const auto &hand_in = entry.hand_in;
        text += safe_line({entry.stage, entry.student.id, entry.student.name, status_of(entry),
                           points_of(entry), maximum_of(entry), std::to_string(entry.hand_ins),
                           hand_in ? time_text(hand_in->handed_in_at) : "",
                           result ? time_text(result->graded_at) : "",
                           result ? std::to_string(result->seed) : "",
                           result ? result->kernel_key : "", result ? result->checks_digest : "",
                           hand_in ? hand_in->submission : "", hand_in ? hand_in->finding : ""});
    }
    return text;
}

std::string json_table(Database &database, const std::vector<Entry> &entries,
                       const ExportOptions & /*options*/) {
    Json list = Json::array();
    for (const Entry &entry : entries) {
        Json row{{"stage", entry.stage},
                 {"student", kernel::safe_text(entry.student.id)},
                 {"name", kernel::safe_text(entry.student.name)},
                 {"on_roster", entry.student.on_roster},
                 {"status", status_of(entry)},
                 {"score", nullptr},
                 {"max_score", nullptr},
                 {"hand_ins", entry.hand_ins}};
        if (entry.hand_in) {
            row["handed_in"] = time_text(entry.hand_in->handed_in_at);
            row["origin"] = kernel::safe_text(entry.hand_in->origin);
            row["submission"] = entry.hand_in->submission;
            row["finding"] = kernel::safe_text(entry.hand_in->finding);
        }
        if (entry.has_points()) {
            row["score"] = entry.result->score;
            row["max_score"] = entry.result->max_score;
        }
        if (entry.result) {
            row["seed"] = entry.result->seed;
            row["kernel"] = entry.result->kernel_key;
            row["checks_digest"] = entry.result->checks_digest;
            row["graded_at"] = time_text(entry.result->graded_at);
            row["duration_ms"] = entry.result->duration_ms;
            row["tries"] = entry.result->tries;
            Json checks = Json::array();
            for (const auto &check : verdict_of(database, entry.result->id).checks)
                checks.push_back({{"id", check.id},
                                  {"status", judge::to_string(check.status)},
                                  {"score", check.score},
                                  {"max_score", check.max_score}});
            row["checks"] = checks;
        }
        list.push_back(std::move(row));
    }
    return Json{{"schema", "klass-gradebook/1"}, {"entries", list}}.dump(2) + "\n";
}

/** What a stage's full marks are, by what was graded of it. */
std::map<std::string, double> full_marks(const std::vector<Entry> &entries) {
    std::map<std::string, double> full;
    for (const Entry &entry : entries) {
        double &most = full[entry.stage];
        if (entry.has_points())
            most = std::max(most, entry.result->max_score);
    }
    return full;
}

// https://community.canvaslms.com: "How do I import grades in the Gradebook?": one line a student,
// one column an assignment, and a line that says what each is worth.
std::string canvas_table(Database & /*database*/, const std::vector<Entry> &entries,
                         const ExportOptions &options) {
    const auto full = full_marks(entries);
    if (!options.assignment.empty() && full.size() != 1)
        throw UsageError("--assignment names the column of one stage",
                         "choose the stage with --stage");
    std::vector<std::string> titles{"Student", "ID", "SIS User ID", "SIS Login ID", "Section"};
    std::vector<std::string> worth{"    Points Possible", "", "", "", ""};
    std::map<std::string, std::size_t> column;
    for (const auto &[stage, points] : full) {
        column[stage] = titles.size();
        titles.push_back(options.assignment.empty() ? stage : options.assignment);
        worth.push_back(report::points_text(points));
    }
    std::vector<std::string> order;
    std::map<std::string, std::vector<std::string>> lines;
    for (const Entry &entry : entries) {
        const Student &student = entry.student;
        auto &line = lines[student.id];
        if (line.empty()) {
            order.push_back(student.id);
            line.resize(titles.size());
            line[0] = student.name;
            line[1] = student.canvas;
            line[2] = student.sis.empty() ? student.id : student.sis;
            line[3] = student.login;
            line[4] = student.section;
        }
        line[column.at(entry.stage)] = points_of(entry);
    }
    std::string text = csv_line(titles) + csv_line(worth);
    for (const std::string &id : order)
        text += safe_line(lines[id]);
    return text;
}

void require_one_stage(const std::vector<Entry> &entries, const std::string &format) {
    std::set<std::string> stages;
    for (const Entry &entry : entries)
        stages.insert(entry.stage);
    if (stages.size() > 1)
        throw UsageError(fmt::format("{} takes one stage at a time, and there are {}", format,
                                     fmt::join(stages, ", ")),
                         "choose one with --stage");
}

// https://docs.moodle.org: "Assignment settings", offline grading worksheet: a line is found by its
// identifier, and an empty grade leaves what there is.
std::string moodle_table(Database &database, const std::vector<Entry> &entries,
                         const ExportOptions &options) {
    require_one_stage(entries, options.format);
    std::string text = csv_line({"Identifier", "Full name", "Email address", "Grade",
                                 "Maximum grade", "Last modified (grade)", "Feedback comments"});
    for (const Entry &entry : entries) {
        if (entry.student.moodle.empty())
            continue;
        text += safe_line(
            {"Participant " + entry.student.moodle, entry.student.name, entry.student.email,
             points_of(entry), maximum_of(entry),
             entry.has_points() ? time_text(entry.result->graded_at) : "",
             entry.has_points() ? report::summary(verdict_of(database, entry.result->id)) : ""});
    }
    return text;
}

std::string gradescope_table(Database &database, const std::vector<Entry> &entries,
                             const ExportOptions &options) {
    require_one_stage(entries, options.format);
    Json students = Json::object();
    for (const Entry &entry : entries)
        if (entry.result)
            students[kernel::safe_text(entry.student.id)] = report::gradescope_results(
                report::for_student(verdict_of(database, entry.result->id)));
    return students.dump(2) + "\n";
}

struct ExportFormat {
    std::string_view name;
    std::string (*write)(Database &, const std::vector<Entry> &, const ExportOptions &);
};
constexpr std::array export_formats{
    ExportFormat{"text", text_table},     ExportFormat{"csv", csv_table},
    ExportFormat{"json", json_table},     ExportFormat{"canvas", canvas_table},
    ExportFormat{"moodle", moodle_table}, ExportFormat{"gradescope", gradescope_table}};

/** "3 students were not graded, ...: ada, bob, eve"; nothing when there are none. */
void note(Export &result, const std::vector<Entry> &entries, const std::string &status,
          std::string_view what) {
    std::vector<std::string> ids;
    for (const Entry &entry : entries)
        if (status_of(entry) == status)
            ids.push_back(report::one_line(entry.student.id));
    if (ids.empty())
        return;
    constexpr std::size_t most_named = 12;
    const std::size_t more = ids.size() > most_named ? ids.size() - most_named : 0;
    ids.resize(ids.size() - more);
    result.notes.push_back(fmt::format("{} {}: {}{}", ids.size() + more, what, fmt::join(ids, ", "),
                                       more == 0 ? "" : fmt::format(" and {} more", more)));
}

}  // namespace

std::string export_format_names() {
    std::vector<std::string_view> names;
    for (const ExportFormat &format : export_formats)
        names.push_back(format.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string status_of(const Entry &entry) {
    if (!entry.hand_in)
        return "nothing";
    if (entry.result)
        return judge::to_string(entry.result->outcome);
    return entry.hand_in->finding.empty() ? "waiting" : "unreadable";
}

Export export_entries(Database &database, const std::vector<Entry> &entries,
                      const ExportOptions &options) {
    const auto *const format =
        std::find_if(export_formats.begin(), export_formats.end(),
                     [&](const ExportFormat &each) { return each.name == options.format; });
    if (format == export_formats.end())
        throw UsageError(fmt::format("there is no format {}", options.format),
                         "the formats are " + export_format_names());
    Export result{.text = format->write(database, entries, options)};
    note(result, entries, "judge_error", "could not be judged, left empty (never a zero)");
    note(result, entries, "unreadable", "handed in what cannot be read, left empty");
    note(result, entries, "waiting", "wait to be graded, left empty");
    note(result, entries, "nothing", "handed in nothing, left empty");
    if (options.format == "moodle") {
        const auto missing = std::count_if(entries.begin(), entries.end(), [](const Entry &entry) {
            return entry.student.moodle.empty();
        });
        if (missing != 0)
            result.notes.push_back(fmt::format(
                "{} without a number of Moodle's are left out: give the roster a column \"moodle\" "
                "with the N of \"Participant N\"",
                missing));
    }
    return result;
}

std::string file_name_of(const std::string &student) {
    std::string name = student;
    for (char &byte : name) {
        const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                           (byte >= '0' && byte <= '9') ||
                           std::string_view("._@+-").find(byte) != std::string_view::npos;
        byte = plain ? byte : '_';
    }
    constexpr std::size_t longest = 100;
    if (name == student && !name.starts_with('.') && !name.empty() && name.size() <= longest)
        return name;
    return fmt::format("_{:.{}}-{:.8}", name, longest, sha256(student));
}

std::size_t write_reports(Database &database, const std::vector<Entry> &entries,
                          const std::filesystem::path &folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        throw UsageError(
            fmt::format("cannot make the folder {}: {}", folder.string(), error.message()));
    std::size_t written = 0;
    for (const Entry &entry : entries) {
        const std::string name = file_name_of(entry.student.id);
        if (entry.result) {
            const auto verdict = report::for_student(verdict_of(database, entry.result->id));
            for (const char *format : {"html", "json"})
                write_file_atomically(folder / fmt::format("{}.{}", name, format),
                                      report::format_from(format).render(verdict, {}));
            ++written;
        } else if (entry.hand_in && !entry.hand_in->finding.empty()) {
            write_file_atomically(
                folder / (name + ".txt"),
                fmt::format("What you handed in cannot be graded: {}.\n", entry.hand_in->finding));
            ++written;
        }
    }
    return written;
}

}  // namespace klass::gradebook
