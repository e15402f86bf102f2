// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The classifier against real consoles of the course kernel, and against hostile ones.
 *
 * testdata/NAME.console is what the debug kernel printed when kmod/canaries/canary_NAME.ko was
 * loaded; NAME.expected is what classify() makes of it. KLASS_UPDATE_GOLDEN=1 writes the latter.
 */
#include "kernel/log.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "kernel/log_patterns.h"
#include "kernel/text.h"

namespace klass::kernel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const fs::path testdata = fs::path{KLASS_SOURCE_DIR} / "autograder/kernel/testdata";
const fs::path canaries = fs::path{KLASS_SOURCE_DIR} / "kmod/canaries";

std::string contents(const fs::path &file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<LogReport> reports_of(std::string_view console) {
    return classify(console_lines(console));
}

std::vector<std::string> kinds_of(const std::vector<LogReport> &reports) {
    std::vector<std::string> found;
    found.reserve(reports.size());
    for (const auto &report : reports)
        found.push_back(report.kind);
    return found;
}

std::vector<std::string> consoles() {
    std::vector<std::string> names;
    for (const auto &entry : fs::directory_iterator(testdata))
        if (entry.path().extension() == ".console")
            names.push_back(entry.path().stem().string());
    std::sort(names.begin(), names.end());
    return names;
}

std::string described(const Frame &frame) {
    std::ostringstream text;
    text << "    " << (frame.stack.empty() ? "" : frame.stack + ": ") << (frame.exact ? "at " : "")
         << (frame.reliable ? "" : "? ") << frame.function << std::hex << "+0x" << frame.offset
         << "/0x" << frame.size << (frame.module.empty() ? "" : " [" + frame.module + "]") << '\n';
    return text.str();
}

std::string described(const std::vector<LogReport> &reports) {
    std::ostringstream text;
    for (const auto &report : reports) {
        text << report.kind << (report.fatal ? ", fatal" : "") << "\n  " << report.summary << "\n  "
             << report.lines.size() << " lines\n";
        for (const auto &frame : report.frames)
            text << described(frame);
    }
    return text.str();
}

class ConsoleTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Real, ConsoleTest, testing::ValuesIn(consoles()),
                         [](const auto &parameter) { return parameter.param; });

TEST_P(ConsoleTest, IsReadAsExpected) {
    const fs::path expected = testdata / (GetParam() + ".expected");
    const std::string found = described(reports_of(contents(testdata / (GetParam() + ".console"))));
    if (std::getenv("KLASS_UPDATE_GOLDEN") != nullptr)
        std::ofstream(expected) << found;
    EXPECT_EQ(found, contents(expected)) << "KLASS_UPDATE_GOLDEN=1 accepts a new reading";
}

TEST_P(ConsoleTest, MayEndAnywhere) {
    const std::string console = contents(testdata / (GetParam() + ".console"));
    const std::size_t all = reports_of(console).size();
    for (std::size_t length = 0; length < console.size(); length += 97)
        ASSERT_LE(reports_of(std::string_view{console}.substr(0, length)).size(), all + 1);
}

/** The value of "Expects:" or "Says:" in a canary's first comment. */
std::string said_by(const std::string &source, const std::string &key) {
    const auto at = source.find(" * " + key + ": ");
    if (at == std::string::npos)
        return {};
    const auto begin = at + key.size() + 5;
    return source.substr(begin, source.find('\n', begin) - begin);
}

std::vector<std::string> canary_names() {
    std::vector<std::string> names;
    for (const auto &entry : fs::directory_iterator(canaries))
        if (entry.path().extension() == ".c")
            names.push_back(entry.path().stem().string().substr(std::string{"canary_"}.size()));
    std::sort(names.begin(), names.end());
    return names;
}

class CanaryTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, CanaryTest, testing::ValuesIn(canary_names()),
                         [](const auto &parameter) { return parameter.param; });

TEST_P(CanaryTest, IsReportedByItsKind) {
    const std::string source = contents(canaries / ("canary_" + GetParam() + ".c"));
    std::vector<std::string> expected;
    std::istringstream list(said_by(source, "Expects"));
    for (std::string kind; list >> kind;)
        expected.push_back(kind.substr(0, kind.find(',')));
    const auto reports = reports_of(contents(testdata / (GetParam() + ".console")));
    ASSERT_GE(reports.size(), expected.size());
    auto found = kinds_of(reports);
    found.resize(expected.size());
    EXPECT_EQ(found, expected);
    const auto says = said_by(source, "Says");
    EXPECT_THAT(reports, Contains(Field(&LogReport::lines, Contains(HasSubstr(says)))));
}

TEST_P(CanaryTest, IsBlamed) {
    const auto reports = reports_of(contents(testdata / (GetParam() + ".console")));
    ASSERT_THAT(reports, Not(IsEmpty()));
    const auto blamed = Contains(Field(&Frame::module, "canary_" + GetParam()));
    // What runs before or after the canary's own code cannot have it on its stack.
    if (const std::set<std::string> elsewhere{"detector_off", "init_return"};
        elsewhere.contains(GetParam()))
        EXPECT_THAT(reports.front().frames, Not(blamed));
    else
        EXPECT_THAT(reports.front().frames, blamed);
}

TEST(Kinds, AreNamedOnceAndExplained) {
    std::set<std::string> names;
    for (const auto &kind : kinds()) {
        EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
        EXPECT_THAT(kind.meaning, testing::EndsWith(".")) << kind.name;
    }
}

struct Sample {
    std::string kind;
    std::string line;
};

// What no canary provokes on the course kernel: the texts of Linux 6.12 with values put in.
TEST(Kinds, AreKnownByTheirFirstLine) {
    const std::vector<Sample> samples{
        {"kfence", "BUG: KFENCE: use-after-free read in f+0x1/0x2 [m]"},
        {"kcsan", "BUG: KCSAN: data-race in f / g"},
        {"bad-page", "BUG: Bad page state in process insmod  pfn:06a5c"},
        {"bad-page", "BUG: Bad page map in process cat  pte:8000000000000025 pmd:06a5c067"},
        {"list-corruption",
         "list_add corruption. next->prev should be prev (ffff888006745b00), but was "
         "0000000000000000. (next=ffff888006745b40)."},
        {"refcount", "refcount_t: underflow; use-after-free."},
        {"usercopy", "Buffer overflow detected (64 < 128)!"},
        {"lock-returned", "WARNING: cat/42 still has locks held!"},
        {"unregistered-key", "BUG: key ffff888006745b00 has not been registered!"},
        {"invalid-wait-context", "[ BUG: Invalid wait context ]"},
        {"lock-misuse", "BUG: spinlock bad magic on CPU#0, cat/42"},
        {"lock-misuse", "DEBUG_RWSEMS_WARN_ON(sem->magic != sem): count = 0x0, magic = 0x0, ..."},
        {"context-imbalance",
         "softirq: huh, entered softirq 6 TASKLET 00000000 with preempt_count 00000100, exited "
         "with 00000101?"},
        {"atomic-sleep",
         "do not call blocking ops when !TASK_RUNNING; state=1 set at [<0>] f+0x1/0x2"},
        {"rcu-stall", "rcu: INFO: rcu_preempt self-detected stall on CPU"},
        {"rcu-stall", "rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 0-.... }"},
        {"rcu-stall", "INFO: rcu_tasks detected stalls on tasks:"},
        {"hard-lockup", "watchdog: Watchdog detected hard LOCKUP on cpu 0"},
        {"irq-free", "irq 11: nobody cared (try booting with the \"irqpoll\" option)"},
        {"netdev-leftover",
         "unregister_netdevice: waiting for eth0 to become free. Usage count = 1"},
        {"duplicate-name", "proc_dir_entry 'fs/klass' already registered"},
        {"double-fault", "PANIC: double fault, error_code: 0x0"},
        {"general-protection", "Oops: general protection fault, maybe for address 0x1: 0000 [#1]"},
        {"oops", "Oops: divide error: 0000 [#1] PREEMPT SMP KASAN"},
        {"oops", "Oops: invalid opcode: 0000 [#1] PREEMPT SMP KASAN"},
        {"stack-overflow",
         "Kernel panic - not syncing: corrupted stack end detected inside scheduler"},
        {"panic", "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000009"},
        {"panic", "Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled"},
        {"warning", "WARNING: CPU: 0 PID: 39 at fs/inode.c:1 f+0x1/0x2"},
        {"detector-off", "INFO: lockdep is turned off."},
        {"detector-off", "BUG: MAX_LOCKDEP_ENTRIES too low!"},
        {"detector-off", "BUG: MAX_LOCK_DEPTH too low!"},
        {"detector-off", "BUG: MAX_STACK_TRACE_ENTRIES too low!"},
        {"detector-off", "ODEBUG: Out of memory. ODEBUG disabled"},
        {"detector-off", "DMA-API: debugging out of memory - disabling"},
        {"detector-off", "kmemleak: Kernel memory leak detector disabled"},
    };
    for (const auto &[kind, line] : samples) {
        const auto reports = classify(std::vector{line});
        ASSERT_THAT(reports, SizeIs(1)) << line;
        EXPECT_EQ(reports[0].kind, kind) << line;
        EXPECT_THAT(reports[0].meaning, Not(IsEmpty())) << line;
    }
}

TEST(Kinds, OfOneKindEachSortHasItsOwnMeaning) {
    const auto meaning = [](const std::string &line) {
        return classify(std::vector{line}).at(0).meaning;
    };
    EXPECT_THAT(meaning("BUG: KASAN: slab-use-after-free in f+0x1/0x2 [m]"),
                HasSubstr("after it was freed"));
    EXPECT_THAT(meaning("BUG: KASAN: slab-out-of-bounds in f+0x1/0x2 [m]"),
                HasSubstr("past the end"));
    EXPECT_THAT(meaning("BUG: KASAN: double-free in f+0x1/0x2 [m]"), HasSubstr("twice"));
    EXPECT_THAT(meaning("BUG: KASAN: some-new-thing in f+0x1/0x2 [m]"),
                HasSubstr("memory that is not its own"));
    EXPECT_THAT(meaning("WARNING: possible recursive locking detected"),
                HasSubstr("waits for itself"));
    EXPECT_THAT(meaning("WARNING: possible circular locking dependency detected"),
                HasSubstr("same order everywhere"));
    EXPECT_THAT(meaning("WARNING: inconsistent lock state"), HasSubstr("spin_lock_irqsave()"));
}

TEST(Kinds, AreNotSeenInOrdinaryLines) {
    for (const char *line :
         {"hello: WARNING: low on words", "chardev: BUG fixed", "Oops: I forgot a newline",
          "DMA-API: preallocated 65536 debug entries", "INFO: all is well", "WARNING: mind the gap",
          "refcount is 3", "[   overwritten", "kernel BUG: none here"})
        EXPECT_THAT(classify(std::vector<std::string>{line}), IsEmpty()) << line;
}

TEST(BeginsLike, MatchesPartsInTheirOrder) {
    EXPECT_TRUE(begins_like("abcdef", "abc"));
    EXPECT_TRUE(begins_like("abcdef", "a*d*"));
    EXPECT_TRUE(begins_like("abcdef", "*cd"));
    EXPECT_TRUE(begins_like("", "*"));
    EXPECT_FALSE(begins_like("abcdef", "b"));
    EXPECT_FALSE(begins_like("abcdef", "a*d*c"));
    EXPECT_FALSE(begins_like("ab", "ab*b"));
}

TEST(ConsoleLines, CutTimeStampsAndCallers) {
    EXPECT_THAT(console_lines("[    1.234567] one\r\n[12345.678901][    T1] two\r\r\n"
                              "[    1.234567][ C0]  three\n[    0.000000]\nfour"),
                ElementsAre("one", "two", " three", "", "four"));
    EXPECT_THAT(console_lines("[1.2] no stamp\n[a.234567] nor this\n[  1.234567"),
                ElementsAre("[1.2] no stamp", "[a.234567] nor this", "[  1.234567"));
}

TEST(ConsoleLines, BeginAtATimeStampWithinALine) {
    EXPECT_THAT(console_lines("# insmod x.ko[    1.234567] BUG: KASAN: double-free in f+0x1/0x2\n"),
                ElementsAre("# insmod x.ko", "BUG: KASAN: double-free in f+0x1/0x2"));
}

TEST(ConsoleLines, AreSafeToShow) {
    const auto lines = console_lines(std::string_view("a\x1b[2J\0\xff\tb\n", 10));
    ASSERT_THAT(lines, SizeIs(1));
    EXPECT_EQ(safe_text(lines[0]), lines[0]);
    EXPECT_THAT(lines[0], Not(HasSubstr("\x1b")));
}

TEST(ConsoleLines, AreBounded) {
    EXPECT_THAT(console_lines(std::string(1 << 20, 'x')),
                ElementsAre(SizeIs(longest_console_line)));
    EXPECT_THAT(console_lines(std::string(most_console_lines + 10, '\n')),
                SizeIs(most_console_lines));
}

TEST(Classify, TakesLockdepGoingOffAfterAReportForItsConsequence) {
    const std::string kasan = contents(testdata / "kasan_uaf.console");
    EXPECT_THAT(kasan, HasSubstr("Disabling lock debugging due to kernel taint"));
    EXPECT_THAT(kinds_of(reports_of(kasan)), ElementsAre("kasan"));
    EXPECT_THAT(kinds_of(reports_of(kasan + "INFO: lockdep is turned off.\n")),
                ElementsAre("kasan"));
    // A refcount warning leaves lockdep on, so here somebody else switched it off.
    EXPECT_THAT(kinds_of(reports_of(contents(testdata / "refcount.console") +
                                    "Disabling lock debugging due to kernel taint\n")),
                ElementsAre("refcount", "detector-off"));
}

TEST(Classify, TakesAPanicAfterAnOopsForItsConsequence) {
    const std::string oops = contents(testdata / "page_fault.console");
    for (const char *panic : {"Kernel panic - not syncing: Fatal exception in interrupt\n",
                              "Kernel panic - not syncing: Attempted to kill init! exitcode=9\n"})
        EXPECT_THAT(kinds_of(reports_of(oops + panic)), ElementsAre("page-fault")) << panic;
    EXPECT_THAT(kinds_of(reports_of(oops + "Kernel panic - not syncing: hung\n")),
                ElementsAre("page-fault", "panic"));
}

TEST(Classify, KeepsReportsThatFollowEachOtherApart) {
    const std::string warning = contents(testdata / "warning.console");
    const std::string refcount = contents(testdata / "refcount.console");
    EXPECT_THAT(kinds_of(reports_of(refcount + warning + refcount)),
                ElementsAre("refcount", "warning", "refcount"));
    EXPECT_THAT(kinds_of(reports_of(contents(testdata / "atomic_sleep.console") + warning)),
                ElementsAre("atomic-sleep", "warning"));
}

TEST(Classify, PutsTheMessageOfAWarningBeforeItsPlace) {
    const auto reports = reports_of(contents(testdata / "warning.console"));
    ASSERT_THAT(reports, SizeIs(1));
    EXPECT_EQ(reports[0].summary, "the canary sings");
    EXPECT_THAT(reports[0].lines, Contains(StartsWith("WARNING: CPU: 0 PID: ")));
}

TEST(Classify, RecognisesInlineKasansNullDereference) {
    EXPECT_THAT(kinds_of(classify(std::vector<std::string>{
                    "Oops: general protection fault, probably for non-canonical address "
                    "0xdffffc0000000000: 0000 [#1] PREEMPT SMP KASAN",
                    "KASAN: null-ptr-deref in range [0x0000000000000000-0x0000000000000007]"})),
                ElementsAre("null-dereference"));
}

TEST(Classify, ReportsWhatItDoesNotKnowOnlyWithACallTrace) {
    std::vector<std::string> lines{"BUG: something new in 6.13",
                                   "CPU: 0 UID: 0 PID: 1 Comm: init",
                                   "Call Trace:",
                                   " <TASK>",
                                   " f+0x1/0x2 [m]",
                                   " </TASK>"};
    EXPECT_THAT(classify(lines), ElementsAre(AllOf(Field(&LogReport::kind, "unknown"),
                                                   Field(&LogReport::frames, SizeIs(1)))));
    lines.resize(2);
    EXPECT_THAT(classify(lines), IsEmpty());
}

TEST(Classify, IsBounded) {
    std::vector<std::string> many(10 * most_reports, "UBSAN: shift-out-of-bounds in x.c:1:1");
    EXPECT_EQ(classify(many).size(), most_reports);

    std::vector<std::string> long_one{"BUG: KASAN: double-free in f+0x1/0x2", "Call Trace:"};
    long_one.insert(long_one.end(), 10'000, " f+0x1/0x2 [m]");
    const auto reports = classify(long_one);
    ASSERT_THAT(reports, SizeIs(1));
    EXPECT_LE(reports[0].frames.size(), most_report_frames);
    EXPECT_LE(reports[0].lines.size(), most_report_lines);
}

TEST(Classify, TakesTimeInProportionToItsInput) {
    // Each of these would take hours if the time went with the square of the length.
    for (const std::string unit :
         {"[", "[ 1", "*", "+0x", "BUG * (", "WARNING: * ", "\n[    1.234567] ", "(", "-> #1 ("})
        for (const std::string begin :
             {"", "WARNING: ", "BUG: KASAN: ", "unregister_netdevice: "}) {
            std::string console = begin;
            while (console.size() < (1 << 20))
                console += unit;
            EXPECT_LE(reports_of(console).size(), most_reports);
        }
}

}  // namespace
}  // namespace klass::kernel
