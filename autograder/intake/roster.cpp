// SPDX-License-Identifier: Apache-2.0
#include "intake/roster.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "util/csv.h"
#include "util/error.h"
#include "util/lines.h"

namespace klass::intake {

namespace {

struct Column {
    std::string_view name;
    std::string Student::*field;
};
constexpr std::array columns{
    Column{"id", &Student::id},         Column{"name", &Student::name},
    Column{"email", &Student::email},   Column{"section", &Student::section},
    Column{"canvas", &Student::canvas}, Column{"sis", &Student::sis},
    Column{"login", &Student::login},   Column{"moodle", &Student::moodle}};

/** For comparing: trimmed, and in lower case. */
std::string folded(std::string_view text) {
    std::string result(trimmed(text));
    for (char &byte : result)
        byte = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
    return result;
}

/** Which field of a student each column of the file is; nothing for one that we do not know. */
std::vector<std::string Student::*> fields_of(const CsvRecord &header, std::string_view name) {
    std::vector<std::string Student::*> fields;
    std::set<std::string> seen;
    for (const std::string &title : header.fields) {
        const std::string wanted = folded(title);
        if (!seen.insert(wanted).second)
            throw UsageError(
                fmt::format("{}:{}: the column {} is there twice", name, header.line, wanted));
        const auto *const found = std::find_if(columns.begin(), columns.end(),
                                               [&](const Column &c) { return c.name == wanted; });
        fields.push_back(found == columns.end() ? nullptr : found->field);
    }
    for (const char *needed : {"id", "name"})
        if (!seen.contains(needed))
            throw UsageError(
                fmt::format("{}:{}: there is no column \"{}\"", name, header.line, needed),
                "begin the roster with a header: id,name");
    return fields;
}

}  // namespace

Roster Roster::parse(std::string_view text, std::string_view name) {
    const auto records = parse_csv(text, name);
    if (records.empty())
        throw UsageError(fmt::format("{} is empty", name),
                         "begin the roster with a header: id,name");
    const auto fields = fields_of(records.front(), name);
    Roster roster;
    std::map<std::string, std::size_t> lines;
    for (auto record = records.begin() + 1; record != records.end(); ++record) {
        if (record->fields.size() != fields.size())
            throw UsageError(fmt::format("{}:{}: {} fields, but the header has {}", name,
                                         record->line, record->fields.size(), fields.size()),
                             "a field with a comma in it stands in quotes");
        Student student;
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (fields[i] != nullptr)
                student.*fields[i] = trimmed(record->fields[i]);
        if (student.id.empty())
            throw UsageError(fmt::format("{}:{}: the id is empty", name, record->line));
        if (student.name.empty())
            student.name = student.id;
        const auto [known, is_new] = lines.emplace(folded(student.id), record->line);
        if (!is_new)
            throw UsageError(fmt::format("{}:{}: the id {} stands in line {} already", name,
                                         record->line, student.id, known->second));
        roster.add(std::move(student));
    }
    return roster;
}

void Roster::add(Student student) {
    const std::size_t at = students_.size();
    by_id_.emplace(folded(student.id), at);
    for (const std::string &word : {student.id, student.canvas, student.moodle})
        if (!word.empty())
            by_word_[folded(word)].insert(at);
    students_.push_back(std::move(student));
}

const Student *Roster::find(std::string_view name) const {
    const std::string whole = folded(name);
    if (const auto known = by_id_.find(whole); known != by_id_.end())
        return &students_[known->second];
    std::set<std::size_t> meant;
    for (std::size_t at = 0; at <= whole.size();) {
        const std::size_t end = std::min(whole.find_first_of("_ ", at), whole.size());
        if (const auto known = by_word_.find(whole.substr(at, end - at)); known != by_word_.end())
            meant.insert(known->second.begin(), known->second.end());
        at = end + 1;
    }
    return meant.size() == 1 ? &students_[*meant.begin()] : nullptr;
}

}  // namespace klass::intake
