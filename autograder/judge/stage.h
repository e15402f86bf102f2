// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The checks of a stage, as code; their points, titles and hints stand in its manifest.
 */
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "judge/manifest.h"

namespace klass::judge {

class BootTrial;
class Trial;

/** One check: asks the guest for operations and says what it expects of each. */
using CheckFunction = std::function<void(Trial &)>;
/** The same of a kernel that the student built. */
using BootCheckFunction = std::function<void(BootTrial &)>;

/** The checks of one stage. */
class Stage {
  public:
    explicit Stage(std::string id) : id_(std::move(id)) {}

    /** Adds a check under the id that it has in stage.toml. */
    Stage &check(std::string id, CheckFunction function);
    Stage &check(std::string id, BootCheckFunction function);

    [[nodiscard]] const std::string &id() const { return id_; }
    /** A check of a stage of modules, or nothing. */
    [[nodiscard]] const CheckFunction *find(std::string_view check) const;
    /** A check of a stage of kernels, or nothing. */
    [[nodiscard]] const BootCheckFunction *find_boot(std::string_view check) const;

    /**
     * Holds code and manifest against each other.
     * @throws UsageError that names every check which only one of the two has, or which is
     *         written for another kind of submission
     */
    void verify(const Manifest &manifest) const;

  private:
    struct Entry {
        std::string id;
        std::variant<CheckFunction, BootCheckFunction> function;
    };
    [[nodiscard]] const Entry *entry(std::string_view check) const;

    std::string id_;
    std::vector<Entry> checks_;
};

}  // namespace klass::judge
