// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Did Kconfig keep what a fragment asked for?
 *
 * Kconfig drops an option without a word when its name is misspelt or a dependency is missing
 * (Documentation/kbuild/kconfig-language.rst), so every requested line is looked up again.
 */
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace klass::kernel {

/** A line of a fragment that is not what the configuration says. */
struct DroppedOption {
    std::string name;       ///< "CONFIG_KASAN"
    std::string requested;  ///< "y", "8", "\"-klass\"", or "n" for `# CONFIG_X is not set`
    std::string became;     ///< as requested; "n" also when the configuration does not name it
    int line = 0;           ///< of the fragment, from 1
    std::string reason;     ///< in Kconfig's words, see kernel/kconfig_reasons.h; may be empty

    bool operator==(const DroppedOption &) const = default;
};

/** A line of a fragment that neither sets anything nor is blank or a comment. */
struct StrangeLine {
    std::string text;  ///< as it stands, without blanks around
    int line = 0;      ///< from 1

    bool operator==(const StrangeLine &) const = default;
};

/**
 * The lines of @p fragment that @p config, a whole .config, does not hold. A line that a later one
 * of the fragment overrides does not count. Lines that set nothing are passed over.
 */
std::vector<DroppedOption> dropped_options(std::string_view fragment, std::string_view config);

/** The lines of @p fragment that Kconfig would pass over, though they look meant. */
std::vector<StrangeLine> strange_lines(std::string_view fragment);

/** What a fragment or a .config sets an option to, as DroppedOption::requested has it. */
std::optional<std::string> setting_in(std::string_view fragment, std::string_view name);

}  // namespace klass::kernel
