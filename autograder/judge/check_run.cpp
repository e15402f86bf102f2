// SPDX-License-Identifier: Apache-2.0
#include "judge/check_run.h"

#include <memory>

#include "judge/conclusion.h"
#include "judge/evidence.h"
#include "judge/trial.h"
#include "util/line_cutter.h"

namespace klass::judge {

using namespace std::chrono_literals;

std::function<void(std::string_view)> console_of(const CheckWatch &watch) {
    if (!watch.console)
        return nullptr;
    const auto cutter = std::make_shared<LineCutter>([watch](std::string_view line) {
        if (!is_mark(line))
            watch.console(line);
    });
    return [cutter](std::string_view text) { cutter->add(text); };
}

void run_in(guest::Guest &guest, const CheckRun &run, Random random, CheckResult &result) {
    guest.set_time_limit(run.limit);
    guest.on_call = run.watch.asked;
    guest.machine().on_console = console_of(run.watch);
    const std::uint64_t nonce = random.nonce();
    Trial trial(guest, run.modules, random, run.flavour, run.programs);
    trial.on_note = run.watch.done;
    const Body body = run_body([&] { run.check(trial); });
    guest.on_call = nullptr;
    guest.set_time_limit(20s);
    conclude(body, gather_evidence(guest, nonce, run.symbols, trial.loaded_closed()), result);
    guest.machine().on_console = nullptr;
    guest.has_died = nullptr;  // it asks the trial, which ends here; the guest may go on
    if (result.status == Status::timeout)
        result.crash =
            hang_crash(body.failed->hanging, body.failed->hang, result.crash, run.symbols);
    if (!result.crash && body.failed && !body.failed->leaked.empty())
        result.crash = leak_crash(*body.failed, run.symbols);
    result.did = trial.did();
    result.metrics = trial.metrics();
    result.tables = trial.tables();
    result.pictures = trial.pictures();
    result.captures = trial.captures();
    if (result.status != Status::passed)
        result.console = guest.console();
}

}  // namespace klass::judge
