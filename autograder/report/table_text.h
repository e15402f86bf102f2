// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A table of figures in columns, and figures as a reader likes them.
 */
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "judge/verdict.h"

namespace klass::report {

/**
 * The figures of one column, all with as many decimals, so that their points stand below each
 * other: "1,234.5". Three digits of the least are kept, if it has them; a figure that was not
 * measured is "-".
 */
std::vector<std::string> figure_texts(std::span<const double> figures);

/** "What one operation costs, in instructions per operation". */
std::string caption(const judge::Table &table);

/**
 * The table in lines of at most @p columns, right-aligned, the names of the curves above their
 * values. Curves for which there is no room stand in a second table below.
 * @param table  well_formed()
 */
std::vector<std::string> table_lines(const judge::Table &table, std::size_t columns);

}  // namespace klass::report
