// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The report formats by name. A new one is a file beside this and a row in format.cpp.
 */
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "judge/verdict.h"
#include "report/text.h"

namespace klass::report {

/** A format of `klass grade --format NAME`. */
struct Format {
    std::string_view name;
    std::string_view description;  ///< for the command's help
    /** The report's bytes, with a last line end. Machines' formats do not heed the style. */
    std::string (*render)(const judge::Verdict &verdict, const TextStyle &style);
};

/** All formats, the default first. */
std::span<const Format> formats();

/** "text, json, ...", for a help text or a message. */
std::string format_names();

/** @throws UsageError when there is no such format; names those that there are. */
const Format &format_from(std::string_view name);

}  // namespace klass::report
