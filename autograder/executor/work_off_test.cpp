// SPDX-License-Identifier: Apache-2.0
#include "executor/work_off.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>
#include <random>
#include <thread>

#include "gradebook/audit.h"
#include "gradebook/class_fixture.h"
#include "util/error.h"

namespace klass::executor {
namespace {

using namespace std::chrono_literals;
using gradebook::Database;
using gradebook::Job;
using gradebook::Queue;
using judge::Status;
using testing::HasSubstr;
using testing::IsEmpty;

/** A class whose gradings are only pretended. */
class Working : public gradebook::WithGradebook {
  protected:
    static judge::Verdict give_up(const Job & /*job*/, const std::string &why) {
        judge::Verdict verdict = gradebook::verdict_with(0, Status::judge_error);
        verdict.judge_error = why;
        return verdict;
    }
    WorkDone work(const std::function<judge::Verdict(const Job &)> &grade, Work how = {}) {
        how.grade = [&](const Job &job, const std::string &source) {
            EXPECT_EQ(source, "files of " + job.submission);
            return grade(job);
        };
        how.give_up = give_up;
        Queue queue(database(), terms_);
        const auto progress = silent_progress();
        return work_off(database(), queue, how, *progress);
    }
    void class_of(std::size_t students) {
        for (std::size_t i = 0; i < students; ++i)
            hand_in(fmt("s", i), fmt("f", i));
        choose_latest();
    }
    static std::string fmt(const char *letter, std::size_t number) {
        return letter + std::to_string(1000 + number);
    }
    [[nodiscard]] std::size_t with_outcome(judge::Outcome outcome) {
        const auto all = gradebook::entries(database(), {.stage = terms_.stage});
        return static_cast<std::size_t>(
            std::count_if(all.begin(), all.end(), [&](const gradebook::Entry &entry) {
                return entry.result && entry.result->outcome == outcome;
            }));
    }
};

TEST_F(Working, SeveralWorkersGradeEachOnce) {
    class_of(40);
    std::atomic<int> gradings{0};
    std::atomic<int> at_once{0};
    std::atomic<int> most{0};
    const WorkDone done = work(
        [&](const Job &) {
            ++gradings;
            const int now = ++at_once;
            most = std::max<int>(most, now);
            std::this_thread::sleep_for(2ms);
            --at_once;
            return gradebook::verdict_with(10);
        },
        {.workers = 4});
    EXPECT_EQ(gradings, 40);
    EXPECT_EQ(done.graded, 40U);
    EXPECT_GT(most, 1);
    EXPECT_EQ(with_outcome(judge::Outcome::accepted), 40U);
    EXPECT_EQ(work([](const Job &) { return gradebook::verdict_with(0); }).graded, 0U);
}

TEST_F(Working, AFailureIsTriedAgainAfterTheOthersAndForgotten) {
    class_of(3);
    std::vector<std::string> order;
    work([&](const Job &job) {
        order.push_back(job.submission);
        if (job.submission == "f1000" && job.failures < 2)
            throw GraderFault("no memory");
        return gradebook::verdict_with(10);
    });
    EXPECT_THAT(order, testing::ElementsAre("f1000", "f1001", "f1002", "f1000", "f1000"));
    EXPECT_EQ(with_outcome(judge::Outcome::accepted), 3U);
    EXPECT_EQ(entry_of("s1000").result->tries, 3);
}

TEST_F(Working, APoisonedOneBecomesAVisibleJudgeError) {
    class_of(3);
    int tries = 0;
    const WorkDone done = work([&](const Job &job) {
        if (job.submission != "f1001")
            return gradebook::verdict_with(10);
        if (++tries % 2 == 0)
            throw std::runtime_error("a bug");
        return gradebook::verdict_with(0, Status::judge_error);
    });
    EXPECT_EQ(tries, 3);
    EXPECT_EQ(done.given_up, 1U);
    EXPECT_EQ(with_outcome(judge::Outcome::accepted), 2U);
    EXPECT_EQ(with_outcome(judge::Outcome::judge_error), 1U);
}

TEST_F(Working, WhenAllFailTheMachineIsAtFault) {
    class_of(20);
    int tries = 0;
    try {
        work([&](const Job &) -> judge::Verdict {
            ++tries;
            throw GraderFault("QEMU is not there");
        });
        FAIL() << "it went on";
    } catch (const GraderFault &fault) {
        EXPECT_THAT(fault.what(), HasSubstr("8 submissions one after another"));
        EXPECT_THAT(fault.what(), HasSubstr("QEMU is not there"));
    }
    EXPECT_EQ(tries, 8);
    // Nothing of it is held against them.
    work([](const Job &job) {
        EXPECT_EQ(job.failures, 0);
        return gradebook::verdict_with(10);
    });
    EXPECT_EQ(with_outcome(judge::Outcome::accepted), 20U);
}

TEST_F(Working, AnInterruptionGivesBack) {
    class_of(2);
    EXPECT_THROW(work([](const Job &) -> judge::Verdict { throw Interrupted(); }), Interrupted);
    Queue queue(database(), terms_);
    const auto job = queue.claim();
    ASSERT_TRUE(job);
    EXPECT_EQ(job->failures + job->losses, 0);
}

// --- processes that are killed

class Killed : public Working {
  protected:
    /** Works in a process of its own; @p grade is called there. */
    pid_t start(const std::function<judge::Verdict(const Job &)> &grade) {
        database_.reset();  // SQLite's files must not be used on both sides of a fork.
        const pid_t child = fork();
        if (child != 0)
            return child;
        try {
            work(grade, {.workers = 2});
        } catch (const std::exception &error) {
            std::cerr << error.what() << '\n';
            _exit(1);
        }
        _exit(0);
    }
    static int wait_for(pid_t child) {
        int status = 0;
        waitpid(child, &status, 0);
        return status;
    }
};

TEST_F(Killed, AtAHundredRandomPointsEachIsGradedOnce) {
    constexpr std::size_t students = 200;
    constexpr std::size_t different = 160;
    for (std::size_t i = 0; i < students; ++i)
        hand_in(fmt("s", i), fmt("f", i % different));
    choose_latest();
    const auto seed = std::random_device{}();
    std::cout << "seed " << seed << '\n';
    std::minstd_rand random(seed);
    const auto grade = [](const Job &) {
        std::this_thread::sleep_for(8ms);
        return gradebook::verdict_with(10);
    };
    int killed = 0;
    for (int i = 0; i < 100; ++i) {
        const pid_t child = start(grade);
        std::this_thread::sleep_for(std::chrono::microseconds{random() % 25'000});
        kill(child, SIGKILL);
        killed += WIFSIGNALED(wait_for(child)) ? 1 : 0;
    }
    EXPECT_EQ(wait_for(start(grade)), 0);
    std::cout << killed << " were killed before they were done\n";
    EXPECT_GT(killed, 50);

    EXPECT_EQ(with_outcome(judge::Outcome::accepted), students);
    const auto found = gradebook::verify(database());
    EXPECT_THAT(found.objections, IsEmpty());
    EXPECT_EQ(found.results, different);
    EXPECT_EQ(found.records, different);
}

TEST_F(Killed, ByOneSubmissionTheOthersAreGraded) {
    class_of(6);
    const auto grade = [](const Job &job) {
        if (job.submission == "f1002")
            kill(getpid(), SIGKILL);
        return gradebook::verdict_with(10);
    };
    int status = -1;
    int starts = 0;
    while (status != 0 && starts < 20) {
        status = wait_for(start(grade));
        ++starts;
    }
    EXPECT_EQ(status, 0);
    EXPECT_EQ(with_outcome(judge::Outcome::accepted), 5U);
    const auto entry = entry_of("s1002");
    ASSERT_TRUE(entry.result);
    EXPECT_FALSE(entry.result->judged());
    EXPECT_THAT(gradebook::verdict_of(database(), entry.result->id).judge_error,
                HasSubstr("begun 10 times"));
}

TEST_F(Killed, TwoAtOnceShareTheWork) {
    class_of(60);
    const auto grade = [](const Job &) {
        std::this_thread::sleep_for(5ms);
        return gradebook::verdict_with(10);
    };
    const pid_t one = start(grade);
    const pid_t other = start(grade);
    EXPECT_EQ(wait_for(one), 0);
    EXPECT_EQ(wait_for(other), 0);
    EXPECT_EQ(with_outcome(judge::Outcome::accepted), 60U);
    const auto found = gradebook::verify(database());
    EXPECT_THAT(found.objections, IsEmpty());
    EXPECT_EQ(found.results, 60U);
}

}  // namespace
}  // namespace klass::executor
