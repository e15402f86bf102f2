// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Reads one module's DWARF with libdw. Only for use within call_isolated().
 */
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "kernel/symbols.h"

namespace klass::kernel {

/** A place in a module's source, as its compiler recorded it. */
struct SourcePlace {
    std::string function;  ///< an inlined one's name; empty for the one that the kernel printed
    std::string path;      ///< absolute and normal; empty when unknown
    int line = 0;
};

/** The symbols and the debug information of a relocatable module file. */
class ModuleDwarf {
  public:
    explicit ModuleDwarf(const std::filesystem::path &file);
    ~ModuleDwarf();
    ModuleDwarf(const ModuleDwarf &) = delete;
    ModuleDwarf &operator=(const ModuleDwarf &) = delete;

    /**
     * Innermost first; empty when nothing is known of the frame's address. A frame whose function
     * is a section, ".text", has its offset from there: of a module that is gone, the kernel knows
     * addresses only.
     */
    [[nodiscard]] std::vector<SourcePlace> places(const Frame &frame) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace klass::kernel
