// SPDX-License-Identifier: Apache-2.0
#include "judge/conclusion.h"

#include <fmt/format.h>

#include <chrono>

#include "util/error.h"

namespace klass::judge {

Body run_body(const std::function<void()> &check) {
    Body body;
    try {
        check();
    } catch (const CheckFailed &failed) {
        body.failed = failed;
    } catch (const NeedsCourseKernel &needs) {
        body.beyond = needs.for_what;
    } catch (const guest::GuestBroken &broken) {
        body.broken = broken.what();
    }
    return body;
}

void conclude(const Body &body, const Evidence &evidence, CheckResult &result) {
    if (body.failed) {
        result.expected = body.failed->expected;
        result.actual = body.failed->actual;
        result.difference = body.failed->difference;
    }
    result.log = evidence.log;
    result.crash = evidence.crash;
    const bool hangs = body.failed && !body.failed->hanging.empty();
    if (evidence.crash && !hangs) {
        result.status = Status::crashed;
        if (!body.failed) {
            result.expected = "the kernel stays healthy";
            result.actual = evidence.crash->summary;
        }
    } else if (body.failed) {
        result.status = hangs ? Status::timeout : Status::failed;
    } else if (body.broken || evidence.broken) {
        result.status = Status::judge_error;
        result.actual = body.broken ? *body.broken : *evidence.broken;
    } else if (evidence.doubt) {
        throw GraderFault(*evidence.doubt, "grade again when there is less to do");
    } else if (body.beyond) {
        result.status = Status::skipped;
        result.actual = *body.beyond;
    } else {
        result.status = Status::passed;
        result.score = result.max_score;
    }
}

CheckResult not_run(const CheckInfo &info) {
    return {.id = info.id,
            .title = info.title,
            .max_score = info.points,
            .book = info.book,
            .section = info.section,
            .hidden = info.hidden};
}

CheckResult carry_out(const CheckInfo &info, const std::string &replay,
                      const std::function<void(CheckResult &)> &attempt) {
    using Clock = std::chrono::steady_clock;
    constexpr int most_tries = 3;
    const auto start = Clock::now();
    CheckResult result;
    bool again = true;
    for (int tries = 1; again; ++tries) {
        result = not_run(info);
        result.replay = replay;
        again = false;
        try {
            attempt(result);
        } catch (const guest::GuestBroken &broken) {
            result.status = Status::judge_error;
            result.actual = broken.what();
        } catch (const GraderFault &fault) {
            again = tries < most_tries;
            result.status = Status::judge_error;
            result.actual = fault.what();
        }
    }
    if (result.status != Status::passed && result.status != Status::skipped &&
        result.status != Status::judge_error)
        result.hint = info.hints.front();
    result.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    return result;
}

std::string replay_command(const std::filesystem::path &submission, const std::string &stage,
                           const std::string &check, std::uint64_t seed) {
    return fmt::format("klass grade {} --stage {} --check {} --seed {}", submission.string(), stage,
                       check, seed);
}

}  // namespace klass::judge
