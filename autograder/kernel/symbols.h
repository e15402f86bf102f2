// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief From `function+0x1c/0x80 [module]` to the student's file, line and the line's text.
 */
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace klass::kernel {

/** One entry of a kernel stack trace. */
struct Frame {
    std::string function;
    std::uint64_t offset = 0;  ///< bytes from the function's start
    std::uint64_t size = 0;    ///< of the function; 0 when not printed
    std::string module;        ///< empty for the kernel itself
    bool reliable = true;      ///< false when the unwinder printed "? "
    bool exact = false;        ///< the instruction itself (RIP), not the return address of a call
    std::string stack;         ///< empty for the stack that a report blames, else what another one
                               ///< did: "allocated", "freed", "took second", "holds lock"
    std::string file;          ///< relative to the submission; empty when not the student's
    int line = 0;              ///< from 1; 0 when unknown
    std::string text;          ///< the line itself, without its indentation
};

/**
 * The debug information of one module of a submission.
 *
 * libdw (elfutils) reads it, in a child process: the file comes from an untrusted build, and a
 * crash or an endless loop there must find no more than nothing.
 */
class ModuleSymbols {
  public:
    /**
     * @param module   the .ko with DWARF; it must stay until the last call of resolve()
     * @param sources  the submission's folder, for the text of a line
     * @param root     the folder of the submission at build time, cut from DWARF's paths
     */
    ModuleSymbols(std::filesystem::path module, std::filesystem::path sources, std::string root);

    /** Module name as in /proc/modules: the file's, '-' as '_'. */
    [[nodiscard]] const std::string &name() const { return name_; }

    /**
     * Finds file, line and text of frames of this module, each as printed by the kernel. Unless a
     * frame is `exact` its address is a return address, and the line is the call's and not the one
     * after it.
     * @return for each frame what stands in its place: inlined calls are frames of their own,
     *         innermost first; the frame alone when nothing is known of its address
     * @throws GraderFault when no process can be made
     */
    [[nodiscard]] std::vector<std::vector<Frame>> resolve(std::span<const Frame> frames) const;

    /** The same for one frame. */
    [[nodiscard]] std::vector<Frame> resolve(const Frame &frame) const;

  private:
    std::filesystem::path module_;
    std::filesystem::path sources_;
    std::string root_;
    std::string name_;
};

}  // namespace klass::kernel
