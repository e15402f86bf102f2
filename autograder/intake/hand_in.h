// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Finds out, from folders and archives, who handed in what.
 */
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "intake/roster.h"

namespace klass::intake {

/** One thing that one student handed in. */
struct HandIn {
    std::string student;  ///< the id on the roster, else the folder's or the archive's name
    bool on_roster = true;
    /** Where it came from, for people: "/class/ada", or "/class.zip: ada/chardev". */
    std::string origin;
    std::chrono::sys_seconds time;  ///< the newest file's, or the archive's own
    std::filesystem::path folder;   ///< its files, for as long as the call lasts
    std::string finding;            ///< why there is nothing to grade; else empty
};

/** How to look. */
struct Search {
    const Roster *roster = nullptr;
    /** Files by one of which a submission's own folder is known, such as "chardev.c". */
    std::vector<std::string> marks;
};

/**
 * Calls @p take for each hand-in of an input, in the order of the names.
 *
 * A folder with one of the marks is one student's, and has the student's name. Any other folder is
 * a class's: each folder and each archive in it is one student's. An archive is seen as the folder
 * that comes out of it, with a folder that holds all the rest passed over. Within what is one
 * student's, the marks may lie deeper; where they do not and there are several folders or archives,
 * each is a hand-in of its own.
 *
 * An archive that is broken, hostile or too large is a hand-in with a finding, and stops nobody.
 * @throws UsageError when the input is neither a folder nor an archive; GraderFault when the disk
 *         is full; Interrupted on Ctrl-C
 */
void for_each_hand_in(const std::filesystem::path &input, const Search &search,
                      const std::function<void(const HandIn &)> &take);

}  // namespace klass::intake
