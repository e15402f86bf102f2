// SPDX-License-Identifier: Apache-2.0
#include "desk/watch.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>

#include "desk/folder_watch.h"
#include "desk/hints.h"
#include "desk/meaning.h"
#include "desk/standing.h"
#include "kernel/submission.h"
#include "report/audience.h"
#include "util/error.h"
#include "util/subprocess.h"

namespace klass::desk {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;
using judge::Status;

// What an editor, or a tool that formats after it, does at one save comes within this time.
constexpr auto quiet_time = 120ms;
// Who saves without end is graded all the same.
constexpr auto longest_wait = 1500ms;

/** Saves in a row are one: when the last of them is some time ago, they are due. */
class Saves {
  public:
    void noticed(Clock::time_point now) {
        if (!first_)
            first_ = now;
        last_ = now;
    }
    /** When they are due; far in the future when there is none. */
    [[nodiscard]] Clock::time_point due() const {
        if (!first_)
            return Clock::time_point::max();
        return std::min(last_ + quiet_time, *first_ + longest_wait);
    }
    void done() { first_.reset(); }

  private:
    std::optional<Clock::time_point> first_;
    Clock::time_point last_;
};

std::vector<std::string> failed_checks(const judge::Verdict &verdict) {
    std::vector<std::string> ids;
    for (const judge::CheckResult &check : verdict.checks)
        if (check.status != Status::passed && check.status != Status::skipped)
            ids.push_back(check.id);
    return ids;
}

/** One watch. The caller's thread looks after files and keys, another one grades. */
class Watch : private judge::Observer {
  public:
    Watch(judge::Judge &judge, const WatchRequest &request, const Notebook &notebook,
          WatchView &view)
        : judge_(judge),
          request_(request),
          notebook_(notebook),
          view_(view),
          files_(request.folder, judge.manifest().programs),
          seed_(request.seed),
          ended_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (!ended_.valid())
            throw GraderFault("cannot make an eventfd: " + errno_text(errno));
        const Standing standing{judge.manifest(), notebook.of(judge.manifest().id)};
        for (const judge::CheckInfo *check : open_checks(standing))
            if (standing.notes.checks.contains(check->id))
                failed_.push_back(check->id);
    }
    Watch(const Watch &) = delete;
    Watch &operator=(const Watch &) = delete;
    ~Watch() override { stop(); }

    void run() {
        begin(true);
        for (;;) {
            wait();
            throw_if_interrupted();
            eventfd_t count = 0;
            if (eventfd_read(ended_.get(), &count) == 0)
                finish();
            if (files_.take())
                saves_.noticed(Clock::now());
            if (Clock::now() >= saves_.due()) {
                saves_.done();
                begin(false);
            }
            for (const Wish wish : view_.attend()) {
                if (wish == Wish::quit)
                    return;
                if (wish == Wish::hint)
                    show_hint();
                if (wish == Wish::grade) {
                    seed_ = judge::fresh_seed();
                    begin(true);
                }
            }
        }
    }

  private:
    void wait() const {
        std::vector<pollfd> events{
            {files_.fd(), POLLIN, 0}, {ended_.get(), POLLIN, 0}, {interrupt_fd(), POLLIN, 0}};
        for (const int fd : view_.inputs())
            events.push_back({fd, POLLIN, 0});
        const Clock::duration longest = files_.lost() ? Clock::duration(1s) : Clock::duration(1h);
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            std::min(saves_.due(), Clock::now() + longest) - Clock::now());
        poll(events.data(), events.size(),
             static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    }

    /** @param asked  also when the files are those of the last grading */
    void begin(bool asked) {
        State state;
        try {
            state = State::of(kernel::Submission::from_folder(request_.folder));
        } catch (const UsageError &error) {
            // In the midst of a save, or no submission at all: the next event tells.
            stop();
            graded_.reset();
            view_.problem(error.what());
            return;
        }
        const Change change = graded_ ? state.since(*graded_) : Change::code;
        if (!asked && change != Change::code) {
            graded_ = state;
            // A grading that runs has its own to say in the end.
            if (!running_.valid())
                view_.nothing_new(change);
            return;
        }
        stop();
        graded_ = state;
        view_.grading_began();
        running_ = std::async(
            std::launch::async,
            [this, request = judge::GradeRequest{.folder = request_.folder,
                                                 .seed = seed_,
                                                 .jobs = request_.jobs,
                                                 .first = failed_,
                                                 .stay_ready = true}] { return grade(request); });
    }

    /** What came of a grading. */
    struct Graded {
        std::optional<judge::Verdict> verdict;
        std::string problem;
    };

    Graded grade(const judge::GradeRequest &request) {
        Graded graded;
        try {
            graded.verdict = judge_.grade(request, *this);
        } catch (const Interrupted &) {
            // Nobody waits for it.
        } catch (const UsageError &error) {
            graded.problem = error.what();
        } catch (const std::exception &error) {
            graded.problem = std::string("the grader failed, no points are lost: ") + error.what();
        }
        eventfd_write(ended_.get(), 1);
        return graded;
    }

    void finish() {
        if (!running_.valid())
            return;
        Graded graded = running_.get();
        if (!graded.problem.empty()) {
            graded_.reset();
            view_.problem(graded.problem);
        } else if (graded.verdict) {
            take(std::move(*graded.verdict));
        }
    }

    void take(judge::Verdict verdict) {
        if (request_.graded)
            request_.graded(verdict);
        if (verdict.build.ok)
            failed_ = failed_checks(verdict);
        // A failure of ours says nothing of the files: the next save grades them.
        if (verdict.outcome == judge::Outcome::judge_error)
            graded_.reset();
        view_.grading_ended(report::for_student(verdict));
    }

    /** Ends the grading that runs, if one does. Nothing of it is left when this returns. */
    void stop() {
        if (!running_.valid())
            return;
        stop_work();
        running_.wait();
        allow_work();
        running_ = {};
        eventfd_t count = 0;
        eventfd_read(ended_.get(), &count);
        view_.grading_stopped();
    }

    /** The first check that failed when it last ran here, or is known from before. */
    [[nodiscard]] const judge::CheckInfo *check_to_hint_at() const {
        const std::vector<judge::CheckInfo> &checks = judge_.manifest().checks;
        const auto found = std::find_if(checks.begin(), checks.end(), [&](const auto &check) {
            return !check.hidden &&
                   std::find(failed_.begin(), failed_.end(), check.id) != failed_.end();
        });
        return found == checks.end() ? nullptr : &*found;
    }

    void show_hint() {
        const std::string &stage = judge_.manifest().id;
        try {
            const judge::CheckInfo *check = check_to_hint_at();
            if (check == nullptr) {
                view_.hint(nullptr,
                           "No check is known to fail: there is nothing to give a hint for.");
                return;
            }
            std::size_t shown = 0;
            notebook_.change(stage,
                             [&](StageNotes &notes) { shown = take_hint(notes, *check, {}); });
            view_.hint(check, hint_text(*check, shown, "h", {.width = 76}));
        } catch (const UsageError &error) {
            view_.hint(nullptr, error.what());
        } catch (const GraderFault &fault) {
            view_.hint(nullptr, fault.what());
        }
    }

    void built(const judge::BuildSummary &build) override { view_.built(build); }
    void check_started(const judge::CheckInfo &check) override { view_.check_started(check); }
    void check_finished(const judge::CheckResult &result) override { view_.check_finished(result); }

    judge::Judge &judge_;
    const WatchRequest &request_;
    const Notebook &notebook_;
    WatchView &view_;
    FolderWatch files_;
    Saves saves_;
    std::uint64_t seed_;
    ScopedFd ended_;
    std::future<Graded> running_;
    std::optional<State> graded_;  ///< of the files that are graded, or were last
    std::vector<std::string> failed_;
};

}  // namespace

void watch(judge::Judge &judge, const WatchRequest &request, const Notebook &notebook,
           WatchView &view) {
    Watch(judge, request, notebook, view).run();
}

}  // namespace klass::desk
