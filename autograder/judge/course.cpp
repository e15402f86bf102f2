// SPDX-License-Identifier: Apache-2.0
#include "judge/course.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "judge/skeleton.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/lines.h"
#include "util/parallel.h"
#include "util/subprocess.h"
#include "util/temporary_folder.h"

namespace klass::judge {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> split_at_commas(const std::string &text) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, ',');)
        if (!trimmed(part).empty())
            parts.emplace_back(trimmed(part));
    return parts;
}

std::set<std::string> lost_checks(const Verdict &verdict) {
    std::set<std::string> lost;
    for (const CheckResult &check : verdict.checks)
        if (check.status != Status::passed)
            lost.insert(check.id);
    return lost;
}

std::string explain(const Verdict &verdict) {
    if (!verdict.build.ok)
        return "it does not build: " + verdict.build.error;
    std::vector<std::string> parts;
    for (const CheckResult &check : verdict.checks)
        if (check.status != Status::passed)
            parts.push_back(fmt::format("{} ({}: {}{})", check.id, to_string(check.status),
                                        check.actual,
                                        check.crash ? ", " + check.crash->kind : std::string()));
    return fmt::format(
        "{:g} of {:g} points; lost: {}", verdict.score, verdict.max_score,
        parts.empty() ? std::string("none") : fmt::format("{}", fmt::join(parts, ", ")));
}

Verdict grade_folder(Judge &judge, const fs::path &folder, std::uint64_t seed) {
    Observer nobody;
    return judge.grade({.folder = folder, .seed = seed}, nobody);
}

/** Those that take no time worth mentioning, and those that the mutant is said to lose. */
std::vector<std::string> checks_for(const Mutant &mutant, const Manifest &manifest) {
    std::vector<std::string> checks;
    for (const CheckInfo &check : manifest.checks)
        if (check.timeout <= longest_usual_check ||
            std::find(mutant.loses.begin(), mutant.loses.end(), check.id) != mutant.loses.end())
            checks.push_back(check.id);
    return checks;
}

/** @param request  how to grade it; which folder that is, is seen to here */
CourseFinding judge_mutant(Judge &judge, const fs::path &course, const Mutant &mutant,
                           GradeRequest request) {
    const TemporaryFolder folder("mutant");
    make_mutant(course, judge.manifest().id, mutant, folder.path());
    request.folder = folder.path();
    Observer nobody;
    const Verdict verdict = judge.grade(request, nobody);
    const auto lost = lost_checks(verdict);
    const std::set<std::string> named(mutant.loses.begin(), mutant.loses.end());
    std::set<std::string> by_luck(mutant.may_lose.begin(), mutant.may_lose.end());
    by_luck.insert(named.begin(), named.end());
    const bool right = verdict.build.ok && verdict.outcome != Outcome::judge_error &&
                       std::includes(lost.begin(), lost.end(), named.begin(), named.end()) &&
                       std::includes(by_luck.begin(), by_luck.end(), lost.begin(), lost.end());
    return {fmt::format("mutant {}", mutant.name), right,
            right ? fmt::format("loses {}", fmt::join(lost, ", "))
                  : fmt::format("should lose {}; {}. As it is, its line would be \"Loses: {}\"",
                                fmt::join(named, ", "), explain(verdict), fmt::join(lost, ", "))};
}

/**
 * As many mutants at a time as there are processors: while one is compiled, or hangs, the others
 * are judged. They are told of in their order all the same.
 * @param checks  of a mutant: those to be run; all when empty
 * @return the findings
 */
std::vector<CourseFinding> judge_mutants(
    Judge &judge, const fs::path &course, const std::vector<Mutant> &mutants, std::uint64_t seed,
    const std::function<std::vector<std::string>(const Mutant &)> &checks,
    const std::function<void(const CourseFinding &)> &tell) {
    const std::size_t at_once =
        std::min<std::size_t>(mutants.size(), std::max(1U, std::thread::hardware_concurrency()));
    std::vector<CourseFinding> findings(mutants.size());
    std::vector<bool> judged(mutants.size());
    std::size_t told = 0;
    std::mutex mutex;
    in_parallel(mutants.size(), at_once, [&](std::size_t at) {
        CourseFinding finding =
            judge_mutant(judge, course, mutants[at],
                         {.seed = seed,
                          .jobs = std::max(1U, judge.usual_jobs() / static_cast<unsigned>(at_once)),
                          .checks = checks(mutants[at])});
        const std::lock_guard lock(mutex);
        findings[at] = std::move(finding);
        judged[at] = true;
        for (; told < mutants.size() && judged[told]; ++told)
            tell(findings[told]);
    });
    return findings;
}

}  // namespace

Mutant Mutant::read(const fs::path &patch) {
    Mutant mutant{.name = patch.stem().string(), .patch = patch};
    std::istringstream lines(read_file(patch));
    for (std::string line; std::getline(lines, line) && !line.starts_with("---");) {
        if (line.starts_with("Bug:"))
            mutant.bug = trimmed(std::string_view(line).substr(4));
        if (line.starts_with("Loses:"))
            mutant.loses = split_at_commas(line.substr(6));
        if (line.starts_with("May lose:"))
            mutant.may_lose = split_at_commas(line.substr(9));
    }
    if (mutant.bug.empty() || mutant.loses.empty())
        throw UsageError(
            fmt::format("{} has no `Bug:` or no `Loses:` line before its diff", patch.string()));
    return mutant;
}

std::vector<Mutant> mutants_of(const fs::path &course, const std::string &stage) {
    std::vector<Mutant> mutants;
    const fs::path folder = course / "solutions" / stage / "mutants";
    if (fs::is_directory(folder))
        for (const auto &entry : fs::directory_iterator(folder))
            if (entry.path().extension() == ".patch")
                mutants.push_back(Mutant::read(entry.path()));
    std::sort(mutants.begin(), mutants.end(),
              [](const Mutant &a, const Mutant &b) { return a.name < b.name; });
    return mutants;
}

void make_mutant(const fs::path &course, const std::string &stage, const Mutant &mutant,
                 const fs::path &target) {
    kernel::Submission::from_folder(course / "solutions" / stage).copy_to(target);
    const klass::Outcome patched =
        run({.argv = {find_program("patch"), "-p1", "--no-backup-if-mismatch", "--fuzz=0", "-s",
                      "-d", target.string(), "-i", fs::absolute(mutant.patch).string()}});
    if (!patched.ok())
        throw UsageError(fmt::format("{} does not apply to the reference: {}",
                                     mutant.patch.string(), trimmed(patched.output)));
}

bool check_mutants(Judge &judge, const fs::path &course, const std::vector<std::string> &names,
                   std::uint64_t seed, Look look,
                   const std::function<void(const CourseFinding &)> &tell) {
    const auto mutants = mutants_of(course, judge.manifest().id);
    std::vector<Mutant> chosen;
    for (const std::string &name : names) {
        const auto mutant = std::find_if(mutants.begin(), mutants.end(),
                                         [&](const Mutant &each) { return each.name == name; });
        if (mutant == mutants.end())
            throw UsageError(
                fmt::format("{} has no mutant {}", judge.manifest().id, name),
                fmt::format("they are the patches in solutions/{}/mutants", judge.manifest().id));
        chosen.push_back(*mutant);
    }
    const auto findings = judge_mutants(
        judge, course, chosen, seed,
        [&](const Mutant &mutant) {
            return look == Look::named ? mutant.loses : std::vector<std::string>();
        },
        tell);
    return std::all_of(findings.begin(), findings.end(), std::mem_fn(&CourseFinding::ok));
}

bool check_course(Judge &judge, const fs::path &course, std::uint64_t seed, Look look,
                  const std::function<void(const CourseFinding &)> &tell) {
    bool all = true;
    const auto found = [&](const CourseFinding &finding) {
        all = all && finding.ok;
        tell(finding);
    };
    const std::string &stage = judge.manifest().id;

    const auto drift = skeleton_drift(course, stage);
    found({"skeleton in step", drift.empty(),
           drift.empty()
               ? "exercises/ is what solutions/ generates"
               : fmt::format("{}: {}", drift.front().file.string(), drift.front().difference)});

    const Verdict reference = grade_folder(judge, course / "solutions" / stage, seed);
    found({"reference", reference.outcome == Outcome::accepted, explain(reference)});

    const Verdict skeleton = grade_folder(judge, course / "exercises" / stage, seed);
    found({"skeleton",
           skeleton.build.ok && skeleton.outcome != Outcome::accepted &&
               skeleton.outcome != Outcome::judge_error,
           fmt::format("{:g} of {:g} points", skeleton.score, skeleton.max_score)});

    const auto mutants = mutants_of(course, stage);
    const auto findings = judge_mutants(
        judge, course, mutants, seed,
        [&](const Mutant &mutant) {
            return look == Look::named ? mutant.loses : checks_for(mutant, judge.manifest());
        },
        found);
    std::set<std::string> killed;
    for (std::size_t at = 0; at < mutants.size(); ++at)
        if (findings[at].ok)
            killed.insert(mutants[at].loses.begin(), mutants[at].loses.end());
    for (const CheckInfo &check : judge.manifest().checks)
        if (!killed.contains(check.id))
            found({"check " + check.id, false, "no mutant loses it"});
    return all;
}

}  // namespace klass::judge
