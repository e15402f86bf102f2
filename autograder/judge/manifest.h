// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief exercises/NN-name/stage.toml: everything about a stage that is not code.
 *
 * Points, titles, hints and visibility stand there and nowhere else.
 */
#pragma once

#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "judge/machine_wish.h"

namespace klass::judge {

/** One check as the manifest describes it. */
struct CheckInfo {
    std::string id;     ///< lower case, digits and '-'
    std::string title;  ///< what a correct submission does: "A reader sees end of file"
    double points = 1;
    std::vector<std::string> hints;  ///< from the gentlest to the most direct; at least one
    std::string book;                ///< anchor in the book, e.g. "ch04-offsets"; the stage's if
                                     ///< the check names none
    std::string section = {};        ///< its title, see section_titles(); empty where unknown
    bool hidden = false;
    std::chrono::seconds timeout{
        30};  ///< for the whole check, as the guest had it (vm::PatienceClock)
    MachineWish machine;
};

/** What a submission is. */
enum class Kind {
    modules,  ///< modules for a course kernel; each check runs in a clone of it
    kernel    ///< a whole kernel and its initramfs; each check boots it
};

/** A stage as its manifest describes it. */
struct Manifest {
    std::string id;  ///< the `stage` key of a submission's copy, else the folder's name
    std::string title;
    std::string summary;  ///< one sentence
    MachineWish machine;  ///< of those checks that ask for no other
    Kind kind = Kind::modules;
    /** Without .ko: that the submission must build; of a kernel, those that its initramfs gets. */
    std::vector<std::string> modules;
    /** Modules of the course's own that use those, in kmod/consumers/NN-name; without .ko. */
    std::vector<std::string> consumers;
    /** Programs for the guest, which the submission's Makefile must build: static ones. */
    std::vector<std::string> programs;
    std::vector<std::string> files;  ///< by which a submission is known, relative to its folder
    std::string book;                ///< the chapter's anchor, "ch04"
    std::vector<CheckInfo> checks;

    /** Sum of the checks' points. */
    [[nodiscard]] double max_score() const;
    /** @throws UsageError when there is no such check; names those that there are. */
    [[nodiscard]] const CheckInfo &check(std::string_view id) const;

    /**
     * Reads and validates a manifest.
     * @throws UsageError with file, line and what is wrong: an unknown key, a duplicate id, a
     *         check without title, hint or points.
     */
    static Manifest read(const std::filesystem::path &file);

    /** The one of a stage of the course. @throws UsageError as read(), and when there is none */
    static Manifest of_stage(const std::filesystem::path &course, const std::string &id);
};

/** Folder names of all stages below COURSE/exercises, those with a stage.toml, sorted. */
std::vector<std::string> stage_ids(const std::filesystem::path &course);

/**
 * Every machine that a grading of some stage starts from frozen. A stage of kernels has none: its
 * checks boot what the student built.
 * @throws UsageError as Manifest::read()
 */
std::set<MachineWish> frozen_machines(const std::filesystem::path &course);

/**
 * Which stage a folder is of: @p explicit_stage if given, the `stage` key of its stage.toml, or its
 * own name or that of a folder at most three levels above it (solutions/04-chardev/mutants/x).
 * @throws UsageError when it cannot be told; lists the stages.
 */
std::string stage_of(const std::filesystem::path &course, const std::filesystem::path &folder,
                     const std::string &explicit_stage);

}  // namespace klass::judge
