// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief How modules come out of a sandboxed build: each whole, and without debugging information.
 */
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kernel/sandbox.h"
#include "util/bytes.h"

namespace klass::kernel {

/** The files, one pair a module, that a build fills and Klass reads. */
class ModuleOutputs {
  public:
    /**
     * The end of a build's shell script, which collects the modules that its arguments name.
     * $tree is the folder in which they were built.
     */
    static const char *const collect_script;

    /** Makes the files, empty, in @p folder. @throws GraderFault on a full disk */
    ModuleOutputs(std::filesystem::path folder, const std::vector<std::string> &names);

    /** Lets the command write them, and appends the modules' names to its arguments. */
    void add_to(SandboxedCommand &command) const;

    /** The module with its debugging information, for the symboliser. */
    [[nodiscard]] std::filesystem::path whole(const std::string &name) const;

    /** The module without it: a fifth of the bytes that each load sends to a guest. */
    [[nodiscard]] std::filesystem::path loadable(const std::string &name) const;

  private:
    std::filesystem::path folder_;
    const std::vector<std::string> &names_;
};

}  // namespace klass::kernel
