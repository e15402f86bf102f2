// SPDX-License-Identifier: Apache-2.0
// Proves of the very snapshot that grades that each of its detectors fires: one
// canary module a kind of report (kmod/canaries), each in a clone of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <map>
#include <sstream>

#include "guest/process.h"
#include "judge/lab.h"
#include "kernel/kbuild.h"
#include "kernel/log.h"
#include "util/digest.h"
#include "util/lines.h"
#include "util/subprocess.h"
#include "util/temporary_folder.h"

namespace klass::judge {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/** What a canary's first comment says of it. */
struct Canary {
    std::string name;
    std::vector<std::string> expects;  ///< every kind of report that must come
    std::string says;
};

void PrintTo(const Canary &canary, std::ostream *out) {
    *out << canary.name;
}

std::string line_after(const std::string &text, const std::string &key) {
    const std::size_t at = text.find(" * " + key + ": ");
    if (at == std::string::npos)
        return {};
    const std::size_t begin = at + key.size() + 5;
    return text.substr(begin, text.find('\n', begin) - begin);
}

std::vector<std::string> words_of(std::string text) {
    std::replace(text.begin(), text.end(), ',', ' ');
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

std::vector<Canary> canaries() {
    std::vector<Canary> all;
    for (const auto &entry : fs::directory_iterator(KLASS_SOURCE_DIR "/kmod/canaries"))
        if (entry.path().extension() == ".c") {
            const std::string text = read_file(entry.path());
            all.push_back({entry.path().stem(), words_of(line_after(text, "Expects")),
                           line_after(text, "Says")});
        }
    std::sort(all.begin(), all.end(),
              [](const Canary &a, const Canary &b) { return a.name < b.name; });
    return all;
}

/** All canaries, built once for all tests. */
class Canaries : public testing::TestWithParam<Canary> {
  protected:
    static void SetUpTestSuite() {
        progress = progress_to(2);
        lab = std::make_unique<Lab>(Paths::from_environment(), *progress, vm::AcceleratorWish::tcg);
        folder = std::make_unique<TemporaryFolder>("canaries");
        std::vector<std::string> wanted;
        for (const Canary &canary : canaries())
            wanted.push_back(canary.name);
        build = kernel::build_modules(
            lab->kernel(kernel::Flavour::debug),
            kernel::Submission::from_folder(KLASS_SOURCE_DIR "/kmod/canaries"), folder->path(),
            wanted);
        ASSERT_TRUE(build.ok) << build.error << build.output;
        pool = std::make_unique<vm::ClonePool>(lab->snapshot({}), 1);
    }
    static void TearDownTestSuite() {
        pool.reset();
        folder.reset();
        lab.reset();
    }

    static const kernel::BuiltModule &module(const std::string &name) {
        return *std::find_if(build.modules.begin(), build.modules.end(),
                             [&](const auto &built) { return built.name == name; });
    }

    static inline std::unique_ptr<Progress> progress;
    static inline std::unique_ptr<Lab> lab;
    static inline std::unique_ptr<TemporaryFolder> folder;
    static inline kernel::KbuildResult build;
    static inline std::unique_ptr<vm::ClonePool> pool;
};

const kernel::LogReport *find_kind(const std::vector<kernel::LogReport> &reports,
                                   const std::string &kind) {
    const auto found = std::find_if(reports.begin(), reports.end(),
                                    [&](const auto &report) { return report.kind == kind; });
    return found == reports.end() ? nullptr : &*found;
}

bool all_reported(const std::vector<kernel::LogReport> &reports, const Canary &canary) {
    return std::all_of(canary.expects.begin(), canary.expects.end(),
                       [&](const auto &kind) { return find_kind(reports, kind) != nullptr; });
}

TEST_P(Canaries, IsReported) {
    const Canary &canary = GetParam();
    guest::Guest guest = clone(*pool, 1);
    guest::Process process = guest.process();
    // What is slow by nature is made quick, so that it shows within seconds.
    for (const auto &[file, value] : std::map<std::string, std::string>{
             {"/proc/sys/kernel/hung_task_timeout_secs", "2"},
             {"/proc/sys/kernel/hung_task_check_interval_secs", "1"},
             {"/proc/sys/kernel/watchdog_thresh", "2"},
             {"/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout", "3"},
             {"/sys/module/rcupdate/parameters/rcu_exp_cpu_stall_timeout", "3000"},
             {"/sys/module/workqueue/parameters/watchdog_thresh", "3"}})
        process.write_file(file, value);
    guest::Pending load = process.start_load_module(canary.name, module(canary.name).image);
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    bool unloaded = false;
    std::vector<kernel::LogReport> reports;
    while (std::chrono::steady_clock::now() < deadline) {
        const bool returned = load.returned();
        const auto lines = kernel::console_lines(guest.console());
        reports = kernel::classify(lines);
        if (all_reported(reports, canary) || guest.ended())
            break;
        // Some faults show when the module goes.
        if (returned && !unloaded) {
            unloaded = true;
            process.unload_module(canary.name);
        }
        std::this_thread::sleep_for(50ms);
    }
    ASSERT_TRUE(all_reported(reports, canary))
        << "not every one of " << testing::PrintToString(canary.expects) << " is in:\n"
        << guest.console();
    EXPECT_THAT(guest.console(), testing::HasSubstr(canary.says));
}

// Three detectors are too slow to be waited for, and nothing rests on them.
// Forgotten memory is found by SLUB's own records (the mutants that leak prove
// it), and a kernel that spins is asked by the host where it is, seconds before
// the watchdogs would speak (grade_test, never-returns).
std::vector<Canary> reported_in_time() {
    auto all = canaries();
    std::erase_if(all, [](const Canary &canary) {
        const std::string &kind = canary.expects.front();
        return kind == "leak" || kind == "rcu-stall" || kind == "soft-lockup";
    });
    return all;
}

/** Of the debug kernel's objects: those of a name, wherever they lie. */
std::vector<fs::path> objects_named(const fs::path &build, const std::string &name) {
    std::vector<fs::path> found;
    for (const auto &entry : fs::recursive_directory_iterator(build))
        if (entry.path().filename() == name)
            found.push_back(entry.path());
    return found;
}

bool calls(const fs::path &object, const char *function) {
    const Outcome symbols = run({.argv = {"nm", "--undefined-only", object.string()}});
    EXPECT_TRUE(symbols.ok()) << symbols.output;
    return symbols.output.find(function) != std::string::npos;
}

// A name that the kernel no longer has, or a makefile that nobody reads, would cost
// a third of each check and break nothing.
TEST(Unwatched, AreTheObjectsOfTheListAndNotTheirNeighbours) {
    const auto progress = progress_to(2);
    Lab lab(Paths::from_environment(), *progress, vm::AcceleratorWish::tcg);
    const fs::path build = lab.kernel(kernel::Flavour::debug).build;
    unsigned named = 0;
    for_each_line(read_file(KLASS_SOURCE_DIR "/kmod/kbuild/unwatched.mk"),
                  [&](std::string_view line) {
                      constexpr std::string_view setting = "KASAN_SANITIZE_";
                      if (!line.starts_with(setting))
                          return;
                      ++named;
                      line.remove_prefix(setting.size());
                      const std::string object(line.substr(0, line.find(' ')));
                      const auto found = objects_named(build, object);
                      EXPECT_FALSE(found.empty()) << object << " is no object of this kernel";
                      for (const fs::path &path : found)
                          EXPECT_FALSE(calls(path, "__asan_load")) << path;
                  });
    EXPECT_GT(named, 0U);
    for (const char *watched : {"kernel/locking/spinlock_debug.o", "kernel/time/timer.o",
                                "kernel/workqueue.o", "lib/vsprintf.o", "fs/char_dev.o"})
        EXPECT_TRUE(calls(build / watched, "__asan_load")) << watched;
    // Of UBSAN's the kernel has the reports alone, for modules to call.
    for (const char *plain : {"kernel/workqueue.o", "lib/vsprintf.o", "drivers/base/core.o"})
        EXPECT_FALSE(calls(build / plain, "__ubsan_")) << plain;
}

INSTANTIATE_TEST_SUITE_P(Debug, Canaries, testing::ValuesIn(reported_in_time()),
                         [](const auto &canary) { return canary.param.name; });

}  // namespace
}  // namespace klass::judge
