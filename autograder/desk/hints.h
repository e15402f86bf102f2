// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Hints: one more each time, remembered. They never cost points.
 */
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "desk/notebook.h"
#include "judge/manifest.h"
#include "report/text.h"

namespace klass::desk {

/** How many hints are to be shown. */
struct HintWish {
    bool again = false;     ///< only those that were taken before
    std::size_t depth = 0;  ///< so many; 0 for one more than before
};

/**
 * Takes a hint of a check into the notes.
 * @return how many of the check's hints to show, from the gentlest on; 0 with HintWish::again when
 *         none was taken
 */
std::size_t take_hint(StageNotes &notes, const judge::CheckInfo &check, const HintWish &wish);

/** The first @p shown hints, the last of them the new one, and @p more: what to type for one more.
 */
std::string hint_text(const judge::CheckInfo &check, std::size_t shown, std::string_view more,
                      const report::TextStyle &style);

}  // namespace klass::desk
