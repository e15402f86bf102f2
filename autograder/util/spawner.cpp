// SPDX-License-Identifier: Apache-2.0
#include "util/spawner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include "util/error.h"

namespace klass {

namespace {

// The user and group `nobody` and `nogroup` of every Debian system.
constexpr unsigned nobody = 65534;

/** Runs functions one after another on a thread that never ends before the process. */
class SpawnThread {
  public:
    static SpawnThread &instance() {
        // Never destroyed: its thread must not end while a child lives.
        static auto *thread = new SpawnThread;
        return *thread;
    }

    pid_t call(const std::function<pid_t()> &function) {
        std::packaged_task<pid_t()> task(function);
        auto result = task.get_future();
        {
            const std::lock_guard lock(mutex_);
            tasks_.push_back(std::move(task));
        }
        ready_.notify_one();
        return result.get();
    }

  private:
    SpawnThread() {
        std::thread([this] { serve(); }).detach();
    }

    void serve() {
        for (;;) {
            std::unique_lock lock(mutex_);
            ready_.wait(lock, [this] { return !tasks_.empty(); });
            auto task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
        }
    }

    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<std::packaged_task<pid_t()>> tasks_;
};

// Between fork and exec in a process with threads: only async-signal-safe calls.
[[noreturn]] void become(char *const *argv, const std::vector<int> &inherited, int error_fd,
                         pid_t parent) {
    setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    const int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO);
    dup2(error_fd, STDOUT_FILENO);
    dup2(error_fd, STDERR_FILENO);
    // What is inherited keeps its number; everything else goes at exec.
    syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
    for (const int fd : inherited)
        fcntl(fd, F_SETFD, 0);
    if (geteuid() == 0 && (setgroups(0, nullptr) < 0 || setresgid(nobody, nobody, nobody) < 0 ||
                           setresuid(nobody, nobody, nobody) < 0))
        _exit(126);
    // After the change of user, which clears it.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(126);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    execv(argv[0], argv);
    _exit(127);
}

}  // namespace

Spawned spawn(const std::vector<std::string> &argv, const std::vector<int> &inherited,
              int error_fd) {
    std::vector<char *> words;
    for (const std::string &word : argv)
        words.push_back(const_cast<char *>(word.c_str()));
    words.push_back(nullptr);
    const pid_t parent = getpid();
    const pid_t pid = SpawnThread::instance().call([&] {
        const pid_t child = fork();
        if (child == 0)
            become(words.data(), inherited, error_fd, parent);
        return child;
    });
    if (pid < 0)
        throw GraderFault(fmt::format("cannot start {}: no process could be made", argv[0]));
    Spawned spawned;
    spawned.pid = pid;
    spawned.pidfd = ScopedFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    return spawned;
}

}  // namespace klass
