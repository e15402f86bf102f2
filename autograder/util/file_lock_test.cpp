// SPDX-License-Identifier: Apache-2.0
#include "util/file_lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <thread>
#include <tuple>

#include "util/error.h"
#include "util/subprocess.h"
#include "util/temporary_folder.h"

namespace klass {
namespace {

bool is_locked(const std::filesystem::path &path) {
    const ScopedFd fd(open(path.c_str(), O_RDWR | O_CLOEXEC));
    return flock(fd.get(), LOCK_EX | LOCK_NB) != 0;
}

TEST(FileLockTest, HoldsForItsLifetimeAndMakesItsFolder) {
    const TemporaryFolder folder("lock-test");
    const auto path = folder.path() / "deep" / "lock";
    {
        const FileLock lock(path, [] { FAIL() << "nobody else holds the lock"; });
        EXPECT_TRUE(is_locked(path));
    }
    EXPECT_FALSE(is_locked(path));
}

TEST(FileLockTest, SaysOnceThatItWaitsAndThenGetsTheLock) {
    const TemporaryFolder folder("lock-test");
    const auto path = folder.path() / "lock";
    auto first = std::make_unique<FileLock>(path);
    std::atomic<int> said = 0;
    std::thread holder([&] {
        while (said == 0)
            std::this_thread::yield();
        // Longer than one retry, so that a second notice would come.
        std::this_thread::sleep_for(std::chrono::milliseconds{250});
        first.reset();
    });
    const FileLock second(path, [&] { ++said; });
    holder.join();
    EXPECT_EQ(said, 1);
    EXPECT_TRUE(is_locked(path));
}

TEST(FileLockTest, GivesUpWhenInterrupted) {
    const TemporaryFolder folder("lock-test");
    const FileLock held(folder.path() / "lock");
    EXPECT_EXIT(
        {
            handle_interrupts();
            try {
                const FileLock second(folder.path() / "lock", [] { std::ignore = raise(SIGINT); });
            } catch (const Interrupted &) {
                _exit(7);
            }
            _exit(0);
        },
        testing::ExitedWithCode(7), "");
}

TEST(FileLockTest, NeedsAFolderThatCanBeMade) {
    EXPECT_THROW(FileLock("/proc/no/lock"), GraderFault);
}

}  // namespace
}  // namespace klass
