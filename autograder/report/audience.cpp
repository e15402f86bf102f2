// SPDX-License-Identifier: Apache-2.0
#include "report/audience.h"

#include <utility>

namespace klass::report {

judge::Verdict for_student(judge::Verdict verdict) {
    for (judge::CheckResult &check : verdict.checks) {
        if (!check.hidden)
            continue;
        // Named one by one: what a later field shows is hidden until it is allowed here.
        judge::CheckResult shown;
        shown.id = std::move(check.id);
        shown.title = std::move(check.title);
        shown.status = check.status;
        shown.score = check.score;
        shown.max_score = check.max_score;
        shown.duration = check.duration;
        shown.replay = std::move(check.replay);
        shown.hidden = true;
        check = std::move(shown);
    }
    return verdict;
}

}  // namespace klass::report
