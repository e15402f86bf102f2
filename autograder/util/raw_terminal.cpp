// SPDX-License-Identifier: Apache-2.0
#include "util/raw_terminal.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

#include "util/error.h"
#include "util/scoped_fd.h"

namespace klass {

namespace {

std::atomic<int> window_event{-1};

void on_window_change(int) {
    const int saved_errno = errno;
    const eventfd_t one = 1;
    [[maybe_unused]] const ssize_t count = write(window_event, &one, sizeof one);
    errno = saved_errno;
}

termios settings_of(int fd) {
    termios settings{};
    if (tcgetattr(fd, &settings) != 0)
        throw GraderFault("there is no terminal to read keys from: " + errno_text(errno));
    return settings;
}

// After a fork: only async-signal-safe calls. Whoever holds the other end of the pipe says by a
// byte that all is well; when he is killed there is none, and the terminal must be put back.
[[noreturn]] void guard(int fd, const termios &settings, const std::string &parting, int word) {
    constexpr int own_terminal = 0;
    constexpr int own_word = 1;
    // Nothing else of the parent's is kept open.
    if (dup2(fd, own_terminal) < 0 || dup2(word, own_word) < 0)
        _exit(1);
    close_range(own_word + 1, ~0U, 0);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTTOU, SIGTSTP})
        static_cast<void>(std::signal(number, SIG_IGN));
    char byte = 0;
    if (TEMP_FAILURE_RETRY(read(own_word, &byte, 1)) <= 0) {
        [[maybe_unused]] const ssize_t count = write(own_terminal, parting.data(), parting.size());
        tcsetattr(own_terminal, TCSADRAIN, &settings);
    }
    _exit(0);
}

}  // namespace

struct RawTerminal::Guardian {
    termios settings;
    ScopedFd word;
    pid_t pid = -1;

    Guardian(int fd, const std::string &parting) : settings(settings_of(fd)) {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0)
            throw GraderFault("cannot make a pipe: " + errno_text(errno));
        const ScopedFd reading(ends[0]);
        word.reset(ends[1]);
        pid = fork();
        if (pid < 0)
            throw GraderFault("no process can be made: " + errno_text(errno));
        if (pid == 0)
            guard(fd, settings, parting, ends[0]);
    }
    Guardian(const Guardian &) = delete;
    Guardian &operator=(const Guardian &) = delete;
    ~Guardian() {
        const char well = 1;
        [[maybe_unused]] const ssize_t count = write(word.get(), &well, 1);
        TEMP_FAILURE_RETRY(waitpid(pid, nullptr, 0));
    }
};

WindowSize window_size(int fd) {
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) != 0)
        return {};
    return {size.ws_col, size.ws_row};
}

RawTerminal::RawTerminal(int fd, std::string parting)
    : fd_(fd), parting_(std::move(parting)), guardian_(std::make_unique<Guardian>(fd, parting_)) {
    take();
}

RawTerminal::~RawTerminal() {
    give_back();
}

void RawTerminal::take() const {
    termios raw = guardian_->settings;
    cfmakeraw(&raw);
    if (tcsetattr(fd_, TCSADRAIN, &raw) != 0)
        throw GraderFault("the terminal does not go into raw mode: " + errno_text(errno));
}

void RawTerminal::give_back() const {
    [[maybe_unused]] const ssize_t count = write(fd_, parting_.data(), parting_.size());
    tcsetattr(fd_, TCSADRAIN, &guardian_->settings);
}

void RawTerminal::suspend() {
    give_back();
    static_cast<void>(std::raise(SIGTSTP));
    take();
}

WindowChanges::WindowChanges() {
    window_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (window_event < 0)
        throw GraderFault("cannot make an eventfd: " + errno_text(errno));
    struct sigaction action {};
    action.sa_handler = on_window_change;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGWINCH, &action, nullptr);
}

WindowChanges::~WindowChanges() {
    static_cast<void>(std::signal(SIGWINCH, SIG_DFL));
    close(window_event.exchange(-1));
}

int WindowChanges::fd() const {
    return window_event;
}

bool WindowChanges::take() {
    eventfd_t count = 0;
    return eventfd_read(window_event, &count) == 0;
}

}  // namespace klass
