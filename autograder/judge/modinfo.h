// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What modinfo(8) would say of a built module, read on the host.
 */
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "util/bytes.h"

namespace klass::judge {

/** The tags of a module: its .modinfo section (include/linux/moduleparam.h). */
class ModuleInfo {
  public:
    explicit ModuleInfo(std::vector<std::pair<std::string, std::string>> tags)
        : tags_(std::move(tags)) {}

    /** The first value of a tag that begins with @p prefix; empty when there is none. */
    [[nodiscard]] std::string value(std::string_view tag, std::string_view prefix = {}) const;

    /** Whether the kernel takes the licence for compatible with its own (include/linux/license.h).
     */
    [[nodiscard]] bool licence_is_free() const;

  private:
    std::vector<std::pair<std::string, std::string>> tags_;
};

/** Reads a module's tags. The file may be hostile: one that is no module has no tags. */
ModuleInfo read_modinfo(const Bytes &module);

}  // namespace klass::judge
