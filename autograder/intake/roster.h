// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Who is in the class: a table with a header.
 */
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace klass::intake {

/** One of the class. Only the id is always there. */
struct Student {
    std::string id;    ///< as hand-ins are named: a login, a matriculation number
    std::string name;  ///< the id where the roster has none
    std::string email;
    std::string section;
    std::string canvas;  ///< Canvas' own number of the student
    std::string sis;     ///< SIS User ID, in Canvas
    std::string login;   ///< SIS Login ID, in Canvas
    std::string moodle;  ///< the N of Moodle's "Participant N"
    bool on_roster = true;

    bool operator==(const Student &) const = default;
};

/** The students in the order of the roster; ids differ. */
class Roster {
  public:
    /**
     * Reads a CSV file's text. Its header names the columns: `id` and `name`, and where they are
     * wanted `email`, `section`, `canvas`, `sis`, `login`, `moodle`; others are passed over.
     * @param name  of the file, for messages
     * @throws UsageError with name and line: a column or an id is missing, an id is there twice, a
     *         line has more or fewer fields than the header
     */
    static Roster parse(std::string_view text, std::string_view name);

    [[nodiscard]] const std::vector<Student> &students() const { return students_; }

    /**
     * Whose hand-in a file's or a folder's name says it is: the name is the id; or one of the words
     * in it, between blanks and `_`, is the id of one student and no other
     * (Canvas: `lovelaceada_4711_9999_chardev.zip`; Moodle: `Ada Lovelace_4711_assignsubmission`).
     * Canvas' and Moodle's numbers count as ids. Case does not matter.
     */
    [[nodiscard]] const Student *find(std::string_view name) const;

  private:
    void add(Student student);

    std::vector<Student> students_;
    std::map<std::string, std::size_t> by_id_;
    std::map<std::string, std::set<std::size_t>> by_word_;
};

}  // namespace klass::intake
