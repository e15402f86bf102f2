// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Grades the graders: reference, skeleton and mutants of a stage.
 */
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "judge/judge.h"

namespace klass::judge {

/** One realistic bug in a reference solution: solutions/STAGE/mutants/NAME.patch. */
struct Mutant {
    std::string name;
    std::filesystem::path patch;
    std::string bug;                 ///< one sentence, from the patch's `Bug:` line
    std::vector<std::string> loses;  ///< the checks that it must fail, from its `Loses:` line
    /** Checks that throw dice and may hit the bug or not, from its `May lose:` line. */
    std::vector<std::string> may_lose;

    /** @throws UsageError when the header is incomplete. */
    static Mutant read(const std::filesystem::path &patch);
};

/** All mutants of a stage, sorted by name. */
std::vector<Mutant> mutants_of(const std::filesystem::path &course, const std::string &stage);

/** Copies the reference into @p target, an empty folder, and applies the mutant's patch. */
void make_mutant(const std::filesystem::path &course, const std::string &stage,
                 const Mutant &mutant, const std::filesystem::path &target);

/** What came of one part of a course check. */
struct CourseFinding {
    std::string subject;  ///< "reference", "skeleton", "mutant no-eof", "skeleton in step", ...
    bool ok = false;
    std::string detail;
};

/** A check whose time limit is longer is put only to those mutants that name it. */
inline constexpr std::chrono::seconds longest_usual_check{100};

/** How closely to look at a mutant. */
enum class Look {
    whole,  ///< it loses the checks that it names, and no other: hours of a large course
    named   ///< it loses the checks that it names; the others are not run
};

/**
 * Proves of a stage: the reference gets full marks, the skeleton does not, every mutant loses
 * the checks it names, every check is surely lost by at least one mutant, and exercises/ is
 * what solutions/ generates.
 * @param tell  is called with each finding as it is made
 * @return true when all is well
 */
bool check_course(Judge &judge, const std::filesystem::path &course, std::uint64_t seed, Look look,
                  const std::function<void(const CourseFinding &)> &tell);

/**
 * Only that these mutants lose what they name; with Look::whole of all checks, however long they
 * take.
 * @throws UsageError when there is no such mutant
 */
bool check_mutants(Judge &judge, const std::filesystem::path &course,
                   const std::vector<std::string> &names, std::uint64_t seed, Look look,
                   const std::function<void(const CourseFinding &)> &tell);

}  // namespace klass::judge
