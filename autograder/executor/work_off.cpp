// SPDX-License-Identifier: Apache-2.0
#include "executor/work_off.h"

#include <fmt/format.h>
#include <poll.h>

#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <vector>

#include "report/json.h"
#include "report/phrases.h"
#include "util/error.h"
#include "util/subprocess.h"

namespace klass::executor {

namespace {

using namespace std::chrono_literals;
using gradebook::Job;

/** Renews the leases of this process while it lives. */
class Heartbeat {
  public:
    explicit Heartbeat(gradebook::Queue &queue) : thread_([this, &queue] { beat(queue); }) {}
    Heartbeat(const Heartbeat &) = delete;
    Heartbeat &operator=(const Heartbeat &) = delete;
    ~Heartbeat() {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

  private:
    void beat(gradebook::Queue &queue) {
        std::unique_lock lock(mutex_);
        while (!changed_.wait_for(lock, gradebook::Queue::lease / 4, [this] { return ending_; })) {
            try {
                queue.renew();
            } catch (const Error &) {
                // The next result will say what is wrong with the gradebook.
            }
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    std::thread thread_;
};

/** All workers, and what they share. */
class Workers {
  public:
    Workers(gradebook::Database &database, gradebook::Queue &queue, const Work &work,
            Progress &progress)
        : database_(database), queue_(queue), work_(work), progress_(progress) {}

    WorkDone run() {
        const std::size_t total = queue_.state().left;
        if (total == 0)
            return {};
        progress_.begin(work_.phase, total);
        const Heartbeat heartbeat(queue_);
        std::vector<std::thread> threads;
        for (unsigned i = 1; i < work_.workers; ++i)
            threads.emplace_back([this] { loop(); });
        loop();
        for (std::thread &thread : threads)
            thread.join();
        if (failure_)
            std::rethrow_exception(failure_);
        progress_.end();
        return done_;
    }

  private:
    void loop() {
        try {
            while (!stopping()) {
                throw_if_interrupted();
                if (const auto job = queue_.claim())
                    carry_out(*job);
                else if (queue_.state().left == 0)
                    return;
                else
                    wait_for_others();
            }
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!failure_)
                failure_ = std::current_exception();
        }
    }

    [[nodiscard]] bool stopping() {
        const std::lock_guard lock(mutex_);
        return failure_ != nullptr;
    }

    /** Another worker or process has the rest; should it be lost, it comes back. */
    static void wait_for_others() {
        pollfd event{interrupt_fd(), POLLIN, 0};
        constexpr int pause_ms = 200;
        poll(&event, 1, pause_ms);
    }

    void carry_out(const Job &job) {
        if (job.losses >= work_.patience.losses) {
            give_up(job, fmt::format("it was begun {} times, and each time the grading process "
                                     "ended before it was done",
                                     job.losses));
            return;
        }
        const std::string source = gradebook::source_of(database_, job.submission);
        std::string why;
        try {
            const judge::Verdict verdict = work_.grade(job, source);
            if (verdict.outcome != judge::Outcome::judge_error) {
                record(job, verdict);
                const std::lock_guard lock(mutex_);
                in_a_row_.clear();
                return;
            }
            why = report::judge_failure(verdict);
            if (job.failures + 1 >= work_.patience.failures) {
                record(job, verdict);
                note_given_up(job, why);
                return;
            }
        } catch (const Interrupted &) {
            queue_.release(job);
            throw;
        } catch (const CannotRecord &) {
            throw;
        } catch (const std::exception &error) {
            why = error.what();
        }
        stop_after_too_many(job, why);
        if (job.failures + 1 >= work_.patience.failures)
            give_up(job, why);
        else
            queue_.fail(job, why);
    }

    /** Of the gradebook, and not of the submission. */
    struct CannotRecord : Error {
        using Error::Error;
    };

    void record(const Job &job, const judge::Verdict &verdict) {
        bool is_ours = false;
        try {
            is_ours = queue_.record(job, verdict, report::json_report(verdict).dump());
        } catch (const Error &error) {
            throw CannotRecord(error.what(), error.way_out());
        }
        // Another process took it over, since ours was thought dead.
        if (!is_ours)
            return;
        const std::lock_guard lock(mutex_);
        progress_.update(++done_.graded, fmt::format("{:.8}", job.submission));
    }

    void give_up(const Job &job, const std::string &why) {
        record(job, work_.give_up(job, why));
        note_given_up(job, why);
    }

    void note_given_up(const Job &job, const std::string &why) {
        progress_.note(fmt::format("{:.8} could not be judged: {}", job.submission, why));
        const std::lock_guard lock(mutex_);
        ++done_.given_up;
    }

    /** @throws GraderFault when it is not the submissions that fail */
    void stop_after_too_many(const Job &job, const std::string &why) {
        const std::lock_guard lock(mutex_);
        in_a_row_.insert(job.id);
        if (in_a_row_.size() < work_.most_in_a_row)
            return;
        queue_.release(job);
        for (const std::int64_t id : in_a_row_)
            if (id != job.id)
                queue_.forgive({.id = id});
        throw GraderFault(
            fmt::format("{} submissions one after another could not be judged, the last since {}",
                        in_a_row_.size(), why),
            "look at what this machine lacks (`klass doctor`), then give the same command again: "
            "what was graded is kept, and those are not held against anybody");
    }

    gradebook::Database &database_;
    gradebook::Queue &queue_;
    const Work &work_;
    Progress &progress_;
    std::mutex mutex_;
    std::exception_ptr failure_;
    WorkDone done_;
    std::set<std::int64_t> in_a_row_;
};

}  // namespace

WorkDone work_off(gradebook::Database &database, gradebook::Queue &queue, const Work &work,
                  Progress &progress) {
    return Workers(database, queue, work, progress).run();
}

}  // namespace klass::executor
