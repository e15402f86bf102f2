// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Text in columns: its width on a terminal, and lines that fit.
 */
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace klass::report {

/** Columns that a valid UTF-8 text takes, one for each code point. */
std::size_t columns_of(std::string_view text);

/** The first @p columns columns of a valid UTF-8 text. */
std::string_view first_columns(std::string_view text, std::size_t columns);

/**
 * Breaks a text at its line ends, then at blanks, so that each line takes at most @p columns; a
 * longer word is broken inside. What goes on in the next line keeps the indentation. At least one
 * line, which may be empty.
 */
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

/** The text with each tab made into blanks up to the next multiple of @p stop columns. */
std::string without_tabs(std::string_view text, std::size_t stop = 8);

/**
 * The place, from 1, of the character of a valid UTF-8 text that is displayed in a column, from 1,
 * with a tab every eight columns, as GCC counts (-fdiagnostics-column-unit, -ftabstop); 0 when
 * there is none.
 */
std::size_t character_at(std::string_view text, int column);

}  // namespace klass::report
