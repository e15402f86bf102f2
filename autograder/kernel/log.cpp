// SPDX-License-Identifier: Apache-2.0
#include "kernel/log.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "kernel/log_patterns.h"
#include "kernel/report_stacks.h"
#include "kernel/text.h"
#include "util/lines.h"

namespace klass::kernel {

namespace {

// A report that goes on for longer is not the kernel's.
constexpr std::size_t longest_report = 600;
// After so many lines without a call trace, what looked like a report of an unknown kind is none.
constexpr std::size_t longest_preamble = 30;
// WARN()'s message comes between the line "cut here" and "WARNING:"; the longest is dma-debug's.
constexpr std::size_t longest_message = 8;

constexpr std::string_view cut_here = "------------[ cut here ]------------";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Length of "[    1.234567]" with an optional "[    T1]" and the space after it, at the start of
// the text; 0 when there is none. Printed by print_prefix() of kernel/printk/printk.c.
std::size_t stamp_length(std::string_view text) {
    std::size_t at = 0;
    const auto skip = [&](auto &&matches) {
        const std::size_t start = at;
        while (at < text.size() && at < start + 20 && matches(text[at]))
            ++at;
        return at - start;
    };
    const auto is = [&](char c) { return at < text.size() && text[at] == c; };
    const auto is_space = [](char c) { return c == ' '; };
    if (!is('['))
        return 0;
    ++at;
    skip(is_space);
    if (skip(is_digit) == 0 || !is('.'))
        return 0;
    ++at;
    if (skip(is_digit) != 6 || !is(']'))
        return 0;
    std::size_t length = ++at;
    if (is('[')) {
        ++at;
        skip(is_space);
        if (is('T') || is('C')) {
            ++at;
            if (skip(is_digit) > 0 && is(']'))
                length = ++at;
        }
    }
    at = length;
    return is(' ') ? length + 1 : length;
}

// Where the next time stamp begins after the line's start; npos when there is none.
std::size_t next_stamp(std::string_view line) {
    for (auto at = line.find('[', 1); at != std::string_view::npos; at = line.find('[', at + 1))
        if (stamp_length(line.substr(at)) > 0)
            return at;
    return std::string_view::npos;
}

bool begins_with_any(std::string_view line, std::span<const std::string_view> globs) {
    return std::any_of(globs.begin(), globs.end(),
                       [line](std::string_view glob) { return begins_like(line, glob); });
}

bool is_bar(std::string_view line) {
    return line.size() >= 20 && line.find_first_not_of('=') == std::string_view::npos;
}

bool is_rule(std::string_view line) {
    return line.size() >= 20 && line.find_first_not_of("=-") == std::string_view::npos;
}

// What the kernel prints around a call trace and does not belong to any one report's message:
// __show_regs(), print_modules(), dump_stack_print_info(), print_irqtrace_events(), held locks.
bool is_around_a_trace(std::string_view line) {
    static constexpr auto globs = std::to_array<std::string_view>({
        "RIP: ",
        "RSP: ",
        "RAX: ",
        "RDX: ",
        "RBP: ",
        "R10: ",
        "R13: ",
        "Code: ",
        "FS: ",
        "CS: ",
        "CR2: ",
        "DR0: ",
        "DR3: ",
        "PKRU: ",
        "PGD ",
        "Call Trace:",
        "CPU: ",
        "Tainted: ",
        "Hardware name: ",
        "Workqueue: ",
        "Modules linked in:",
        "irq event stamp: ",
        "hardirqs last ",
        "softirqs last ",
        "Showing all locks held",
        "no locks held by ",
        "* lock held by ",
        "* locks held by ",
        "Sending NMI",
        "NMI backtrace",
        "task:",
        "Preemption disabled at:",
        "[<",
        "Kernel Offset: ",
        "---[ end ",
        "Showing busy workqueues",
        "Showing backtraces of running workers",
        "workqueue ",
        "pwq ",
        "pool ",
        "caller is ",
    });
    return line.empty() || line.starts_with(' ') || line.starts_with("\t") ||
           begins_with_any(line, globs) || is_rule(line);
}

// What a student cannot use: registers, opcodes, doubted frames, decoration.
bool is_noise(std::string_view line) {
    static constexpr auto globs = std::to_array<std::string_view>({
        "RSP: ",          "RAX: ",          "RDX: ",  "RBP: ",      "R10: ",
        "R13: ",          "Code: ",         "FS: ",   "CS: ",       "CR2: ",
        "DR0: ",          "DR3: ",          "PKRU: ", "PGD ",       "irq event stamp: ",
        "hardirqs last ", "softirqs last ", "? ",     "RIP: 0033:", "raw: ",
        cut_here,
    });
    line = trimmed(line);
    return line.empty() || begins_with_any(line, globs) || is_rule(line);
}

// Reports with which the kernel switches lockdep off: debug_locks_off() of lib/debug_locks.c, and
// add_taint() with LOCKDEP_NOW_UNRELIABLE. That it says so afterwards is no news.
bool stops_lockdep(const LogReport &report) {
    static constexpr auto kinds = std::to_array<std::string_view>({
        "kasan",
        "slub",
        "slab-leftover",
        "bad-page",
        "lockdep",
        "lock-imbalance",
        "held-lock-freed",
        "lock-returned",
        "unregistered-key",
        "invalid-wait-context",
        "lock-misuse",
        "context-imbalance",
        "detector-off",
    });
    return report.fatal || std::find(kinds.begin(), kinds.end(), report.kind) != kinds.end();
}

// One report while it is read.
class OpenReport {
  public:
    OpenReport(const Pattern &pattern, std::string_view summary)
        : pattern_(pattern), stacks_(pattern.stuck) {
        report_.kind = pattern.kind;
        report_.summary = summary;
        report_.fatal = pattern.fatal;
    }

    void read(std::string_view line) {
        ++length_;
        stacks_.read(line);
        if (!is_noise(line) && report_.lines.size() < most_report_lines)
            report_.lines.emplace_back(line);
        listed_locks_ = listed_locks_ || trimmed(line).starts_with('#');
        if (pattern_.kind == "general-protection" &&
            begins_like(line, "KASAN: null-ptr-deref in range *")) {
            // Inline KASAN's own look-up of the shadow of address 0 is what faulted.
            report_.kind = "null-dereference";
        }
        ended_ = ended_ || line.starts_with("---[ end trace");
    }

    // Whether a line that would begin a report of its own belongs to this one.
    [[nodiscard]] bool takes(std::string_view line) const {
        return expected_of(line) < pattern_.goes_on.size();
    }
    // Reads such a line; each is expected once.
    void go_on(std::string_view line) {
        taken_ |= 1U << expected_of(line);
        ended_ = false;
        report_.fatal = report_.fatal || line.starts_with("Oops: ");
        read(line);
    }
    [[nodiscard]] bool may_go_on() const { return taken_ + 1 < 1U << pattern_.goes_on.size(); }

    // Whether the report was over before this line.
    [[nodiscard]] bool over_before(std::string_view line) const {
        if (length_ >= longest_report)
            return true;
        if (pattern_.kind == "unknown" && !stacks_.trace_begun() && length_ >= longest_preamble)
            return true;
        switch (pattern_.ending) {
            case Ending::trace:
                return stacks_.trace_ended() && !is_around_a_trace(line);
            case Ending::bar:
                return false;
            case Ending::indent:
                return !line.starts_with(' ');
            case Ending::locks:
                return listed_locks_ && !trimmed(line).starts_with('#');
            case Ending::line:
                return true;
        }
        return true;
    }

    [[nodiscard]] bool ended() const { return ended_; }
    [[nodiscard]] const LogReport &so_far() const { return report_; }

    // Something that looked like a report of a kind unknown, and has no trace, is none.
    [[nodiscard]] bool is_report() const {
        return pattern_.kind != "unknown" || stacks_.trace_begun();
    }

    LogReport close() && {
        report_.meaning = meaning_of(report_.kind, report_.summary);
        report_.frames = stacks_.frames(report_.summary);
        return std::move(report_);
    }

  private:
    [[nodiscard]] std::size_t expected_of(std::string_view line) const {
        std::size_t at = 0;
        while (at < pattern_.goes_on.size() &&
               ((taken_ >> at & 1U) != 0 || !begins_like(line, pattern_.goes_on[at])))
            ++at;
        return at;
    }

    const Pattern &pattern_;
    unsigned taken_ = 0;  // a bit for each of goes_on
    ReportStacks stacks_;
    LogReport report_;
    std::size_t length_ = 0;
    bool listed_locks_ = false;
    bool ended_ = false;  // its end mark was read; only what `goes_on` names can follow
};

// Puts a console's lines together to reports.
class Classifier {
  public:
    void read(std::string_view line) {
        if (reports_.size() >= most_reports)
            return;
        if (line == cut_here) {
            begin_message();
            return;
        }
        if (message_ && read_message(line))
            return;
        if (is_bar(line)) {
            read_bar(line);
            return;
        }
        const Pattern *pattern = find_pattern(line);
        if (pattern != nullptr && is_consequence(*pattern, line)) {
            if (open_ && !open_->ended())
                open_->read(line);
            return;
        }
        if (open_ && open_->takes(line)) {
            open_->go_on(line);
            return;
        }
        if (open_ && (pattern != nullptr || open_->ended() || open_->over_before(line)))
            close();
        if (pattern != nullptr)
            open(*pattern, line);
        if (open_)
            open_->read(line);
    }

    std::vector<LogReport> finish() && {
        message_.reset();
        close();
        return std::move(reports_);
    }

  private:
    void open(const Pattern &pattern, std::string_view summary) {
        close();
        open_.emplace(pattern, summary);
    }

    void close() {
        if (open_ && open_->is_report() && reports_.size() < most_reports)
            reports_.push_back(std::move(*open_).close());
        open_.reset();
    }

    // "cut here": the lines up to WARNING, BUG or UBSAN are the message, and come before it.
    void begin_message() {
        if (open_ && !open_->may_go_on())
            close();
        message_.emplace();
    }

    // True when the line was kept as a part of a message.
    bool read_message(std::string_view line) {
        const bool own = open_ && open_->takes(line);
        const Pattern *pattern = find_pattern(line);
        if (!own && pattern == nullptr && !is_bar(line) && message_->size() < longest_message) {
            message_->push_back(line);
            return true;
        }
        const auto message = *std::exchange(message_, std::nullopt);
        if (own || pattern == nullptr || pattern->kind != "warning" || message.empty())
            return false;
        open(*pattern, message.front());
        for (const auto part : message)
            open_->read(part);
        open_->read(line);
        return true;
    }

    void read_bar(std::string_view line) {
        // A bar stands before the report of lockdep and SLUB, and on both sides of KASAN's.
        if (!open_)
            return;
        if (open_->may_go_on())
            open_->read(line);
        else
            close();
    }

    // What the kernel does because of a report that it has just made.
    bool is_consequence(const Pattern &pattern, std::string_view line) const {
        const auto known = [this](auto &&holds) {
            return std::any_of(reports_.begin(), reports_.end(), holds);
        };
        if (pattern.kind == "detector-off" &&
            (line.starts_with("Disabling lock debugging") || line.starts_with("INFO: lockdep")))
            return (open_ && stops_lockdep(open_->so_far())) || known(stops_lockdep);
        if (pattern.kind == "panic")
            // oops_end() of dumpstack.c; kernel/exit.c when the oops was process 1's.
            return (begins_like(line, "Kernel panic - not syncing: Fatal exception") ||
                    begins_like(line, "Kernel panic - not syncing: Attempted to kill init!")) &&
                   ((open_ && open_->so_far().fatal) ||
                    known([](const LogReport &report) { return report.fatal; }));
        return false;
    }

    std::vector<LogReport> reports_;
    std::optional<OpenReport> open_;
    std::optional<std::vector<std::string_view>> message_;
};

}  // namespace

std::vector<std::string> console_lines(std::string_view console) {
    std::vector<std::string> lines;
    while (!console.empty() && lines.size() < most_console_lines) {
        const auto end = console.find('\n');
        std::string_view line = console.substr(0, end);
        console.remove_prefix(end == std::string_view::npos ? console.size() : end + 1);
        while (!line.empty() && line.back() == '\r')
            line.remove_suffix(1);
        do {
            line.remove_prefix(stamp_length(line));
            const auto stamp = next_stamp(line);
            lines.push_back(safe_text(line.substr(0, std::min(stamp, longest_console_line))));
            line.remove_prefix(std::min(stamp, line.size()));
        } while (!line.empty() && lines.size() < most_console_lines);
    }
    return lines;
}

std::vector<LogReport> classify(std::span<const std::string> lines) {
    Classifier classifier;
    for (const auto &line : lines)
        classifier.read(line);
    return std::move(classifier).finish();
}

}  // namespace klass::kernel
