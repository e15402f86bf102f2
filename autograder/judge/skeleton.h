// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Cuts the student's skeleton out of the reference solution.
 *
 * In a solution's source (here with `//`, so that this comment can quote it; C has the same marks
 * between its comment signs):
 *
 *     // klass:task Copy at most `count` bytes; at the end of the data return 0.
 *     // klass:skeleton return -EINVAL;
 *     ... the solution ...
 *     // klass:end
 *
 * In the skeleton the task's comment stays, with `TODO:` in place of `klass:task`; the skeleton's
 * lines (none, one or several) follow at the indentation of their marks; the rest of the region
 * goes. Lines that hold only a snippet mark of the book, `[name]` in a comment, vanish.
 *
 * A mark has its line or its block comment to itself. The comment signs are those of C, `//`, or
 * the hash sign of a Kbuild, a config fragment or a script. A task may have several lines: in a
 * block comment up to its end; after `//` or a hash sign those that follow with two spaces or more
 * after the sign, so that the solution may begin with a comment (`# CONFIG_E1000 is not set`).
 */
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace klass::judge {

/** The skeleton of one source text. @throws UsageError with name and line on unbalanced marks. */
std::string skeleton_of(std::string_view source, std::string_view name);

/** The solution as the book quotes it: without klass: marks, with snippet marks. */
std::string quotable(std::string_view source, std::string_view name);

/** A file of exercises/ that is not what its solution says. */
struct SkeletonDrift {
    std::filesystem::path file;  ///< relative to the course
    std::string difference;      ///< the first line that differs, both ways, or why there is none
};

/**
 * Compares exercises/STAGE with what solutions/STAGE generates: every regular file in it but
 * README.md and the mutants. Beside those an exercise has only stage.toml and README.md, written by
 * hand.
 * @throws UsageError when there is no such solution, or its marks are unbalanced
 */
std::vector<SkeletonDrift> skeleton_drift(const std::filesystem::path &course,
                                          const std::string &stage);

/** Writes the generated files into exercises/STAGE. @throws as skeleton_drift() */
void write_skeleton(const std::filesystem::path &course, const std::string &stage);

}  // namespace klass::judge
