// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The checks of a stage, as code; their points, titles and hints stand in its manifest.
 */
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "judge/manifest.h"

namespace klass::judge {

class Trial;

/** One check: asks the guest for operations and says what it expects of each. */
using CheckFunction = std::function<void(Trial &)>;

/** The checks of one stage. */
class Stage {
  public:
    explicit Stage(std::string id) : id_(std::move(id)) {}

    /** Adds a check under the id that it has in stage.toml. */
    Stage &check(std::string id, CheckFunction function);

    [[nodiscard]] const std::string &id() const { return id_; }
    [[nodiscard]] const CheckFunction *find(std::string_view check) const;

    /**
     * Holds code and manifest against each other.
     * @throws UsageError that names every check which only one of the two has
     */
    void verify(const Manifest &manifest) const;

  private:
    struct Entry {
        std::string id;
        CheckFunction function;
    };
    std::string id_;
    std::vector<Entry> checks_;
};

}  // namespace klass::judge
