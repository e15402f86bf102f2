// SPDX-License-Identifier: Apache-2.0
#include "kernel/isolated.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>

#include "util/error.h"
#include "util/scoped_fd.h"

namespace klass::kernel {

namespace {

void limit(int resource, rlim_t value) {
    const rlimit both{.rlim_cur = value, .rlim_max = value};
    setrlimit(static_cast<__rlimit_resource_t>(resource), &both);
}

void limit_memory([[maybe_unused]] std::size_t more) {
    // AddressSanitizer reserves terabytes of addresses.
#ifndef __SANITIZE_ADDRESS__
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    limit(RLIMIT_AS, pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + more);
#endif
}

// Never returns: this process is a copy that must not run any of the original's destructors.
[[noreturn]] void run_child(int answer, const std::function<std::string()> &work,
                            const IsolationLimits &limits) {
    constexpr int descriptor = 3;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int number = 1; number < 32; ++number)
        static_cast<void>(std::signal(number, SIG_DFL));  // fails for SIGKILL and SIGSTOP
    if (answer != descriptor)
        dup2(answer, descriptor);
    close_range(descriptor + 1, ~0U, 0);
    limit(RLIMIT_CORE, 0);
    limit_memory(limits.memory_bytes);
    try {
        const std::string text = work();
        for (std::size_t done = 0; done < text.size();) {
            const auto written = write(descriptor, text.data() + done, text.size() - done);
            if (written <= 0)
                _exit(1);
            done += static_cast<std::size_t>(written);
        }
    } catch (...) {
        _exit(1);
    }
    _exit(0);
}

// Reads to the end; false when the limits are reached first.
bool read_answer(int descriptor, const IsolationLimits &limits, std::string &answer) {
    const auto deadline = std::chrono::steady_clock::now() + limits.wall;
    std::array<char, 16384> buffer{};
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd event{.fd = descriptor, .events = POLLIN, .revents = 0};
        const int ready = poll(&event, 1, static_cast<int>(std::max<long>(left.count(), 0)));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        const auto got = read(descriptor, buffer.data(), buffer.size());
        if (got <= 0)
            return got == 0;
        answer.append(buffer.data(), static_cast<std::size_t>(got));
        if (answer.size() > limits.answer_bytes)
            return false;
    }
}

}  // namespace

std::optional<std::string> call_isolated(const std::function<std::string()> &work,
                                         const IsolationLimits &limits) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw GraderFault("no pipe can be made", "close other programs, or raise ulimit -n");
    ScopedFd reading(ends[0]);
    ScopedFd writing(ends[1]);
    const pid_t child = fork();
    if (child < 0)
        throw GraderFault("no process can be made", "close other programs, or raise ulimit -u");
    if (child == 0)
        run_child(writing.get(), work, limits);
    writing.reset();
    std::string answer;
    const bool complete = read_answer(reading.get(), limits, answer);
    if (!complete)
        kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!complete || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return std::nullopt;
    return answer;
}

}  // namespace klass::kernel
