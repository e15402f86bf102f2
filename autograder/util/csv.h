// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Comma-separated values as spreadsheets read and write them (RFC 4180).
 */
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace klass {

/** One record, and where it begins: a quoted field may hold line ends. */
struct CsvRecord {
    std::size_t line = 0;  ///< from 1
    std::vector<std::string> fields;
};

/**
 * Reads a table. A byte order mark is passed over, as are empty lines; lines may end in CR LF.
 * @param name  of the file, for the message
 * @throws UsageError with the line, where a quote is not closed or stands within an unquoted field
 */
std::vector<CsvRecord> parse_csv(std::string_view text, std::string_view name);

/** One record as text with its line end; fields are quoted where that is needed. */
std::string csv_line(const std::vector<std::string> &fields);

/**
 * A text that a spreadsheet shows and does not calculate: one that begins like a formula gets an
 * apostrophe before it (https://owasp.org/www-community/attacks/CSV_Injection).
 */
std::string not_a_formula(std::string text);

}  // namespace klass
