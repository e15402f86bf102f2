// SPDX-License-Identifier: Apache-2.0
#include "judge/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "guest/process.h"
#include "judge/trial.h"
#include "kernel/blame.h"
#include "kernel/stack_trace.h"
#include "util/progress.h"

namespace klass::judge {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_log_lines = 40;

// include/linux/panic.h: what any module of a submission brings with it.
constexpr unsigned long taint_proprietary = 1UL << 0;
constexpr unsigned long taint_out_of_tree = 1UL << 12;
constexpr unsigned long taint_unsigned = 1UL << 13;
constexpr unsigned long taint_soft_lockup = 1UL << 14;

constexpr const char *end_mark = "klass-end-";

struct Taint {
    unsigned bit;
    const char *meaning;
};

// Documentation/admin-guide/tainted-kernels.rst
constexpr Taint taints[] = {
    {0,
     "a module without a GPL-compatible licence was loaded, and the kernel's lock checking is "
     "off since then"},
    {1, "a module was loaded by force"},
    {3, "a module was unloaded by force"},
    {5, "a page's state was damaged"},
    {7, "the kernel died (an oops or a BUG)"},
    {9, "the kernel issued a warning"},
    {14, "a soft lockup occurred"},
};

/** @param allowed  bits that say nothing of the submission */
std::optional<Crash> crash_of_taint(const std::string &text, unsigned long allowed) {
    const unsigned long mask = std::strtoul(text.c_str(), nullptr, 10) & ~allowed;
    for (const Taint &taint : taints)
        if ((mask & (1UL << taint.bit)) != 0)
            return Crash{.kind = "taint",
                         .summary = fmt::format("the kernel is tainted ({:#x})", mask),
                         .meaning = fmt::format("At the end, {}.", taint.meaning)};
    if (mask != 0)
        return Crash{.kind = "taint",
                     .summary = fmt::format("the kernel is tainted ({:#x})", mask),
                     .meaning =
                         "The kernel no longer vouches for itself; see "
                         "Documentation/admin-guide/tainted-kernels.rst."};
    return std::nullopt;
}

// add_taint() in the kernel's kernel/panic.c
bool says_what_a_closed_module_costs(const kernel::LogReport &report) {
    return report.kind == "detector-off" &&
           report.summary == "Disabling lock debugging due to kernel taint";
}

Crash crash_of(const kernel::LogReport &report) {
    return {.kind = report.kind,
            .summary = report.summary,
            .meaning = report.meaning,
            .frames = report.frames};
}

std::string meaning_of_state(char state) {
    switch (state) {
        case 'S':
            return "The operation sleeps and waits to be woken: nobody does. The stack shows in "
                   "what "
                   "it waits.";
        case 'D':
            return "The operation waits for what no signal can end, mostly a lock: somebody holds "
                   "it, perhaps the same task. The stack shows in what it waits.";
        case 'R':
            return "The operation runs on and on: a loop in it does not end. The stack shows where "
                   "it was when it was given up.";
        default:
            return "The kernel answered nothing any more, so it was interrupted from outside: it "
                   "ran "
                   "where nothing else may run, with interrupts or preemption off. The stack shows "
                   "where.";
    }
}

/** Whether a report is but another view of the hang itself. */
bool says_only_that_it_hangs(const Crash &report) {
    constexpr std::array<std::string_view, 6> views{"interrupted", "hung-task", "soft-lockup",
                                                    "hard-lockup", "rcu-stall", "reset"};
    return std::find(views.begin(), views.end(), report.kind) != views.end();
}

bool is_about_time(const kernel::LogReport &report) {
    constexpr std::array<std::string_view, 5> kinds{"hung-task", "soft-lockup", "rcu-stall",
                                                    "workqueue-lockup", "netdev-leftover"};
    return std::find(kinds.begin(), kinds.end(), report.kind) != kinds.end();
}

/** Takes the reports away that a starved machine would make of itself. @return what they said */
std::optional<std::string> take_doubtful(std::vector<kernel::LogReport> &reports,
                                         std::chrono::nanoseconds starved) {
    const auto found = std::find_if(reports.begin(), reports.end(), is_about_time);
    if (starved < misleading_starvation || found == reports.end())
        return std::nullopt;
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(starved);
    std::string doubt = fmt::format(
        "the kernel says \"{}\", but its machine waited {} for a "
        "processor of this busy host",
        found->summary, duration_text(waited));
    std::erase_if(reports, is_about_time);
    return doubt;
}

/** What the reports, or else the machine's end, say. */
Evidence evidence_of(std::vector<kernel::LogReport> reports, const ConsoleSeen &seen,
                     std::span<const kernel::ModuleSymbols> symbols) {
    Evidence evidence;
    evidence.doubt = take_doubtful(reports, seen.starved);
    kernel::resolve_frames(reports, symbols);
    if (!reports.empty()) {
        evidence.crash = crash_of(reports.front());
        evidence.log = reports.front().lines;
    } else if (seen.ended) {
        evidence.crash = Crash{.kind = "reset",
                               .summary = "the virtual machine ended by itself",
                               .meaning =
                                   "The submission switched the machine off, reset it, or "
                                   "broke it so that it could not even say so."};
    } else if (seen.flooded) {
        evidence.crash = Crash{
            .kind = "log-flood",
            .summary = fmt::format("the kernel printed more than {} MiB", vm::console_limit >> 20),
            .meaning = "The submission floods the log: nobody can read it any more."};
    }
    if (evidence.log.size() > most_log_lines)
        evidence.log.resize(most_log_lines);
    return evidence;
}

}  // namespace

bool is_mark(std::string_view line) {
    return line.find(end_mark) != std::string_view::npos ||
           line.find(Trial::console_mark) != std::string_view::npos;
}

Evidence console_evidence(const ConsoleSeen &seen, std::span<const kernel::ModuleSymbols> symbols) {
    return evidence_of(kernel::classify(kernel::console_lines(seen.text)), seen, symbols);
}

Evidence gather_evidence(guest::Guest &guest, std::uint64_t nonce,
                         std::span<const kernel::ModuleSymbols> symbols, bool closed) {
    guest.on_observation = nullptr;
    std::string tainted;
    bool alive = false;
    if (guest.lost()) {
        guest.settle(2s);
    } else {
        guest::Process process = guest.process();
        // If the line does not come out there, neither would have a report.
        alive = process.flush_console(fmt::format("{}{:016x}", end_mark, nonce));
        const auto taint = process.read_file("/proc/sys/kernel/tainted");
        tainted = guest::text(taint);
        alive = alive && taint.ok();
    }
    const ConsoleSeen seen{.text = guest.console(),
                           .ended = guest.ended(),
                           .flooded = guest.console_flooded(),
                           .starved = guest.machine().starved()};
    std::vector<kernel::LogReport> reports = kernel::classify(kernel::console_lines(seen.text));
    if (closed)
        std::erase_if(reports, says_what_a_closed_module_costs);
    Evidence evidence = evidence_of(std::move(reports), seen, symbols);
    if (!evidence.crash && alive)
        evidence.crash = crash_of_taint(tainted, taint_out_of_tree | taint_unsigned |
                                                     (closed ? taint_proprietary : 0) |
                                                     (evidence.doubt ? taint_soft_lockup : 0));
    else if (!evidence.crash)
        evidence.broken = "at the end of the check the kernel's log no longer reached the host";
    return evidence;
}

Crash hang_crash(const std::string &what, const Hang &hang, const std::optional<Crash> &reported,
                 std::span<const kernel::ModuleSymbols> symbols) {
    Crash crash{.kind = "hang",
                .summary = fmt::format("{} did not return", what),
                .meaning = meaning_of_state(hang.state)};
    crash.frames = kernel::parse_stack(hang.stack);
    kernel::resolve_frames(crash.frames, symbols);
    if (!reported || says_only_that_it_hangs(*reported))
        return crash;
    crash.meaning += fmt::format(" The kernel had reported before, as {}: {}. {}", reported->kind,
                                 reported->summary, reported->meaning);
    for (kernel::Frame frame : reported->frames) {
        if (frame.stack.empty())
            frame.stack = reported->kind;
        crash.frames.push_back(std::move(frame));
    }
    return crash;
}

Crash leak_crash(const CheckFailed &failed, std::span<const kernel::ModuleSymbols> symbols) {
    Crash crash{.kind = "leak",
                .summary = "memory of the module's is left after it was unloaded",
                .meaning =
                    "What was allocated at these lines was never freed, and now nobody can: "
                    "the module is gone. See which path forgets kfree(), or frees in the "
                    "wrong order.",
                .frames = failed.leaked};
    kernel::resolve_frames(crash.frames, symbols);
    return crash;
}

}  // namespace klass::judge
