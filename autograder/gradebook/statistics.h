// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What a class finds hard: checks that fail, crashes that come again.
 */
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gradebook/database.h"
#include "gradebook/records.h"

namespace klass::gradebook {

/** How a check went. */
struct CheckCount {
    std::string id;
    std::string title;
    std::size_t of = 0;      ///< students for whom it was carried out
    std::size_t failed = 0;  ///< for how many it lost points
};

/** One crash that several students have. */
struct CrashCount {
    std::string kind;   ///< "kasan"
    std::string place;  ///< the student's innermost frame: "in chardev_read (chardev.c)"
    std::string check;  ///< during which it was first seen
    std::vector<std::string> students;
};

/** A stage in figures; over what counts for each student. */
struct Statistics {
    std::string stage;
    std::size_t students = 0;  ///< with points
    std::size_t builds = 0;    ///< of those, whose submission builds
    double max_score = 0;
    std::optional<double> median;
    std::optional<double> lowest;
    std::optional<double> highest;
    std::vector<CheckCount> checks;   ///< that which fails most often first
    std::vector<CrashCount> crashes;  ///< that which most students have first
};

/** Of one stage. Judge errors count nowhere. */
Statistics statistics_of(Database &database, const std::string &stage);

}  // namespace klass::gradebook
