// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A table of figures drawn as curves: SVG inside a page.
 */
#pragma once

#include <pugixml.hpp>

#include "judge/verdict.h"

namespace klass::report {

/**
 * Appends the table's curves as an `svg`. Both axes are logarithmic where the x values span more
 * than two decades and the values allow it. The curves differ in colour, in their marks and in
 * their dashes; the colours are those of the page's style (`.curve-1` to `.curve-6`).
 * @return false, with nothing appended, when there are no two points to draw
 */
bool add_plot(pugi::xml_node parent, const judge::Table &table);

}  // namespace klass::report
