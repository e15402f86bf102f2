// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The gradebook as bytes: for people, spreadsheets, Canvas, Moodle, Gradescope, programs.
 *
 * Who was not graded, since the grader failed or there was nothing to grade, gets an empty cell in
 * every format and is named in the notes: only a person may make a zero of it. In formats for
 * spreadsheets, no text of a student's becomes a formula.
 */
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gradebook/database.h"
#include "gradebook/records.h"

namespace klass::gradebook {

/** How an export is to be. */
struct ExportOptions {
    std::string format = "text";
    /** The column's title in Canvas, "Title (id)"; the stage's name when empty. */
    std::string assignment;
};

/** An export, and what whoever uses it has to know. */
struct Export {
    std::string text;
    std::vector<std::string> notes;
};

/** "text, csv, json, canvas, moodle, gradescope". */
std::string export_format_names();

/**
 * Writes entries in a format.
 * @throws UsageError when there is no such format, or the format takes one stage and there are
 *         several
 */
Export export_entries(Database &database, const std::vector<Entry> &entries,
                      const ExportOptions &options);

/** What an entry is in a word: an outcome's name, or "waiting", "unreadable", "nothing". */
std::string status_of(const Entry &entry);

/**
 * Writes each student's report, as the student may see it, as HTML and JSON into a folder; of a
 * hand-in that could not be read, a text that says why.
 * @return how many students' there are
 * @throws UsageError when the folder cannot be made; GraderFault when the disk is full
 */
std::size_t write_reports(Database &database, const std::vector<Entry> &entries,
                          const std::filesystem::path &folder);

/** A file's name for a student: of a hostile or unusual id no two are the same either. */
std::string file_name_of(const std::string &student);

}  // namespace klass::gradebook
