// SPDX-License-Identifier: Apache-2.0
#include "executor/grading.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "gradebook/regrade.h"
#include "intake/archive.h"
#include "judge/conclusion.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::executor {

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const fs::path &folder) {
    std::vector<fs::path> files;
    std::error_code ignored;
    for (const auto &entry : fs::directory_iterator(folder, ignored))
        if (entry.is_regular_file())
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

/** Over what decides how many points a submission gets, but the kernel. */
std::string digest_of_checks(const fs::path &course, const judge::Manifest &manifest,
                             const std::string &version, const std::vector<std::string> &checks) {
    Digest digest;
    digest.add(version).add_file(course / "exercises" / manifest.id / "stage.toml");
    if (!manifest.consumers.empty())
        for (const fs::path &file : files_in(course / "kmod" / "consumers" / manifest.id))
            digest.add(file.filename().string()).add_file(file);
    for (const std::string &check : checks)
        digest.add(check);
    return digest.hex();
}

std::string kernel_keys(judge::Lab &lab, const judge::Judge &judge,
                        const std::vector<std::string> &checks) {
    std::string keys;
    for (const kernel::Flavour flavour : judge.flavours(checks))
        keys += (keys.empty() ? "" : "+") + lab.kernel(flavour).key;
    return keys;
}

/** A verdict that says nothing of where on our disk the files were. */
judge::Verdict told_to_students(judge::Verdict verdict) {
    verdict.submission.path = verdict.stage;
    for (judge::CheckResult &check : verdict.checks)
        if (!check.replay.empty())
            check.replay =
                judge::replay_command(verdict.stage, verdict.stage, check.id, verdict.seed);
    return verdict;
}

judge::Verdict grade(judge::Judge &judge, const std::string &source, std::uint64_t seed,
                     const std::vector<std::string> &checks) {
    const TemporaryFolder folder("batch");
    const fs::path place = folder.path() / judge.manifest().id;
    fs::create_directory(place);
    if (const auto refused = intake::unpack_text(source, place, intake::student_archive);
        !refused.empty())
        throw GraderFault("the gradebook's copy of a submission cannot be unpacked: " +
                          refused.front().reason);
    const judge::Manifest &manifest = judge.manifest();
    // A network card's check waits for as long as it computes; a kernel's build takes all there is.
    const unsigned jobs = manifest.kind == judge::Kind::kernel ? 0
                          : manifest.machine.network           ? 2
                                                               : 1;
    judge::Observer nobody;
    return told_to_students(
        judge.grade({.folder = place, .seed = seed, .jobs = jobs, .checks = checks}, nobody));
}

/** The checks of an earlier verdict, without those that the stage has no more. */
std::vector<std::string> still_there(const judge::Manifest &manifest,
                                     const judge::Verdict &verdict) {
    std::vector<std::string> checks;
    for (const judge::CheckInfo &info : manifest.checks)
        if (std::any_of(verdict.checks.begin(), verdict.checks.end(),
                        [&](const judge::CheckResult &check) { return check.id == info.id; }))
            checks.push_back(info.id);
    return checks;
}

judge::Verdict regrade(gradebook::Database &database, judge::Judge &judge,
                       const gradebook::Job &job, const std::string &source) {
    const judge::Verdict before = gradebook::verdict_of(database, job.before);
    if (job.checks.empty())
        return grade(judge, source, job.seed, {});
    if (!gradebook::is_mendable(before))
        return grade(judge, source, job.seed, still_there(judge.manifest(), before));
    return gradebook::mended(before, grade(judge, source, job.seed, job.checks));
}

}  // namespace

gradebook::Terms prepare(judge::Lab &lab, judge::Judge &judge, const std::string &version,
                         const std::vector<std::string> &checks) {
    const judge::Manifest &manifest = judge.manifest();
    for (const std::string &check : checks)
        static_cast<void>(manifest.check(check));
    // The digest does not depend on the order in which they were named.
    std::vector<std::string> sorted = checks;
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    judge.prepare(sorted);
    return {.stage = manifest.id,
            .kernel_key = kernel_keys(lab, judge, sorted),
            .checks_digest = digest_of_checks(lab.paths().course, manifest, version, sorted),
            .checks = sorted};
}

Work work_by(gradebook::Database &database, judge::Judge &judge, unsigned jobs) {
    const judge::Manifest &manifest = judge.manifest();
    const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
    return {.grade =
                [&database, &judge](const gradebook::Job &job, const std::string &source) {
                    return job.before != 0 ? regrade(database, judge, job, source)
                                           : grade(judge, source, job.seed, job.checks);
                },
            .give_up =
                [&manifest](const gradebook::Job &job, const std::string &why) {
                    judge::Verdict verdict{.stage = manifest.id,
                                           .title = manifest.title,
                                           .seed = job.seed,
                                           .submission = {manifest.id, job.submission},
                                           .judge_error = why};
                    for (const judge::CheckInfo &check : manifest.checks)
                        verdict.checks.push_back(judge::not_run(check));
                    judge::tally(verdict);
                    return verdict;
                },
            .workers = manifest.kind == judge::Kind::kernel ? 1
                       : jobs != 0                          ? jobs
                                                            : processors,
            .phase = fmt::format("Grading {}", manifest.id)};
}

}  // namespace klass::executor
