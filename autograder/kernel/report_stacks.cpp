// SPDX-License-Identifier: Apache-2.0
#include "kernel/report_stacks.h"

#include <algorithm>
#include <array>

#include "kernel/log.h"
#include "kernel/log_patterns.h"

namespace klass::kernel {

namespace {

// A line that begins a section of frames, and what that section's stack did.
struct Section {
    std::string_view line;
    std::string_view stack;
};

constexpr auto sections = std::to_array<Section>({
    // mm/kasan/report.c, mm/kasan/report_generic.c, mm/kfence/report.c
    {"Allocated by task *", "allocated"},
    {"allocated by task *", "allocated"},
    {"Freed by task *", "freed"},
    {"freed by task *", "freed"},
    {"Last potentially related work creation:", "queued"},
    {"Second to last potentially related work creation:", "queued"},
    // kernel/locking/lockdep.c
    {"... which became *-irq-safe at:", "became irq-safe"},
    {"... which became *-irq-unsafe at:", "became irq-unsafe"},
    {"{*} state was registered at:", "earlier use"},
    // kernel/dma/debug.c
    {"DMA-API: Mapped at:", "mapped"},
    // mm/kmemleak.c
    {"backtrace (crc *", ""},
    // kernel/kcsan/report.c
    {"read*to 0x* bytes by *", "access"},
    {"write*to 0x* bytes by *", "access"},
});

// What stands between the fault and the function that is to blame: the reporters.
constexpr auto reporters = std::to_array<std::string_view>({
    "dump_stack*",
    "show_stack*",
    "print_*",
    "kasan_*",
    "__kasan_*",
    "__asan_*",
    "kfence_*",
    "check_slab_allocation",
    "check_noncircular",
    "check_irq_usage",
    "check_prev_*",
    "validate_chain*",
    "mark_lock*",
    "mark_usage*",
    "register_lock_class*",
    "__lock_acquire*",
    "lock_acquire*",
    "lock_release*",
    "debug_check_no_locks_*",
    "lockdep_rcu_suspicious",
    "__might_resched*",
    "__might_sleep*",
    "__schedule_bug*",
    "ubsan_epilogue",
    "__ubsan_handle_*",
    "check_preemption_disabled*",
    "panic*",
    "__stack_chk_fail*",
    "sched_show_task*",
    "spin_bug*",
    "spin_dump*",
    "sysfs_warn_dup*",
});

bool is_reporter(const Frame &frame) {
    return !frame.exact &&
           std::any_of(reporters.begin(), reporters.end(), [&frame](std::string_view reporter) {
               // A glob without '*' must be the whole name.
               return reporter.ends_with('*') ? begins_like(frame.function, reporter)
                                              : frame.function == reporter;
           });
}

std::string_view without_spaces(std::string_view line) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    line.remove_suffix(line.size() - std::min(line.find_last_not_of(" \t") + 1, line.size()));
    return line;
}

std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
    const auto begin = text.find(before);
    if (begin == std::string_view::npos)
        return {};
    text.remove_prefix(begin + before.size());
    return text.substr(0, text.find(after));
}

}  // namespace

void ReportStacks::add(Frame frame, const std::string &stack) {
    // In the NMI's own trace only the registers, which are of what it interrupted, are of interest.
    if (frames_.size() >= most_report_frames || (in_nmi_ && !frame.exact))
        return;
    frame.stack = stack;
    frames_.push_back(std::move(frame));
}

bool ReportStacks::read_mark(std::string_view line) {
    if (line == "Call Trace:") {
        in_trace_ = true;
        stack_ = ++traces_ == 1 ? "" : "another trace";
        once_ = false;
    } else if (line == "<NMI>") {
        in_nmi_ = true;
    } else if (line == "</NMI>") {
        in_nmi_ = false;
    } else if (line == "</TASK>") {
        trace_ended_ = true;
        in_trace_ = false;
        stack_.reset();
    } else if (line.starts_with("RIP: 0033:")) {
        stack_.reset();
    } else if (line == "Preemption disabled at:") {
        stack_ = "preemption disabled";
        once_ = true;
    } else if (begins_like(line, "-> #*(*)")) {
        // The newest link of lockdep's chain is the blamed stack itself.
        if (line.starts_with("-> #0 ")) {
            stack_.reset();
        } else {
            stack_ = "took ";
            stack_->append(between(line, "(", ")"));
        }
        once_ = false;
    } else {
        const auto *section = std::find_if(sections.begin(), sections.end(), [line](const auto &s) {
            return begins_like(line, s.line);
        });
        if (section == sections.end())
            return false;
        stack_ = section->stack;
        once_ = false;
    }
    return true;
}

void ReportStacks::read(std::string_view line) {
    line = without_spaces(line);
    if (line.empty() || line.ends_with(" at:")) {
        if (!in_trace_)
            stack_.reset();
    }
    if (read_mark(line))
        return;
    if (auto frame = parse_frame(line)) {
        const bool registers = frame->exact;
        if (registers && stuck_) {
            // All above ran in the interrupt that noticed.
            std::erase_if(frames_, [](const Frame &f) { return f.stack.empty(); });
        }
        if (!registers && frame->function == "0x0")
            return;  // "Preemption disabled at:" nowhere
        if (stack_) {
            add(std::move(*frame), *stack_);
            if (once_)
                stack_.reset();
        } else if (registers && traces_ == 0) {
            add(std::move(*frame), "");
        }
        return;
    }
    if (line.starts_with('#') && line.find("}, at: ") != std::string_view::npos) {
        // " #0: ffffffffa0002068 (lock){+.+.}-{3:3}, at: function+0x14/0x30 [module]"
        auto frame = find_frame(between(line, "}, at: ", "\n"));
        if (frame && !frame->module.empty())
            add(std::move(*frame), "holds " + std::string{between(line, " (", "){")});
    } else if (line.starts_with("Allocated in ") || line.starts_with("Freed in ")) {
        // mm/slub.c, print_track()
        if (auto frame = find_frame(line))
            add(std::move(*frame), line.starts_with('A') ? "allocated" : "freed");
    } else if (const auto work = between(line, " workfn=", "\n"); !work.empty()) {
        // kernel/workqueue.c prints the function alone: "work_fn [module]"
        if (auto frame =
                find_frame(std::string{work.substr(0, work.find(' '))}
                               .append("+0x0/0x0")
                               .append(work.substr(std::min(work.find(' '), work.size()))))) {
            frame->exact = true;
            add(std::move(*frame), "");
        }
    }
}

std::vector<Frame> ReportStacks::frames(std::string_view summary) const {
    std::vector<std::string> stacks{""};
    for (const auto &frame : frames_)
        if (std::find(stacks.begin(), stacks.end(), frame.stack) == stacks.end())
            stacks.push_back(frame.stack);
    const auto named = find_frame(summary);
    std::vector<Frame> all;
    for (const auto &stack : stacks) {
        std::vector<Frame> frames;
        std::copy_if(frames_.begin(), frames_.end(), std::back_inserter(frames),
                     [&stack](const Frame &f) { return f.stack == stack; });
        if (std::any_of(frames.begin(), frames.end(), [](const Frame &f) { return f.reliable; }))
            std::erase_if(frames, [](const Frame &f) { return !f.reliable; });
        frames.erase(frames.begin(), std::find_if_not(frames.begin(), frames.end(), is_reporter));
        if (stack.empty() && named && !named->module.empty() &&
            std::none_of(frames.begin(), frames.end(),
                         [&named](const Frame &f) { return f.module == named->module; }))
            frames.insert(frames.begin(), *named);
        all.insert(all.end(), std::make_move_iterator(frames.begin()),
                   std::make_move_iterator(frames.end()));
    }
    return all;
}

}  // namespace klass::kernel
