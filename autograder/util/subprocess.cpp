// SPDX-License-Identifier: Apache-2.0
#include "util/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "util/error.h"
#include "util/exec_strings.h"
#include "util/scoped_fd.h"
#include "util/tree_clock.h"

namespace klass {

namespace {

using Clock = std::chrono::steady_clock;

// The first two are written by a signal handler.
std::atomic<bool> interrupt_came{false};
std::atomic<int> interrupt_event{-1};
std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void wake_all() {
    const eventfd_t one = 1;
    // It fails only when the counter is full, and then the descriptor is readable already.
    [[maybe_unused]] const ssize_t count = write(interrupt_event, &one, sizeof one);
}

void on_interrupt(int) {
    const int saved_errno = errno;
    interrupt_came = true;
    wake_all();
    errno = saved_errno;
}

struct Pipe {
    ScopedFd reader;
    ScopedFd writer;

    Pipe() {
        std::array<int, 2> fds{};
        if (pipe2(fds.data(), O_CLOEXEC) != 0)
            throw GraderFault("cannot make a pipe: " + errno_text(errno));
        reader.reset(fds[0]);
        writer.reset(fds[1]);
    }
};

/** The child's side of the fork: only async-signal-safe calls (signal-safety(7)). */
[[noreturn]] void become(const char *program, char *const *argv, char *const *environment,
                         int output, int failure, pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    const int input = open("/dev/null", O_RDONLY);
    const bool ready = input >= 0 && setsid() >= 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
                       sigprocmask(SIG_SETMASK, &none, nullptr) == 0 &&
                       signal(SIGPIPE, SIG_DFL) != SIG_ERR && dup2(input, STDIN_FILENO) >= 0 &&
                       dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0;
    if (ready && getppid() == parent) {
        // Best effort: ours are close-on-exec anyway, a library's may not be.
        close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
        execve(program, argv, environment);
    }
    const int error = errno;
    [[maybe_unused]] const ssize_t count = write(failure, &error, sizeof error);
    _exit(127);
}

/** A started program: its group is killed and its leader reaped with this object. */
class Child {
  public:
    explicit Child(const Command &command) {
        const std::string program = find_program(command.argv.at(0));
        if (program.empty())
            throw GraderFault(command.argv[0] + " is not there or cannot be executed",
                              "install the Debian packages that packages.txt lists");
        ExecStrings argv(command.argv);
        ExecStrings environment(environment_with(command.environment));
        Pipe output;
        Pipe failure;
        const pid_t parent = getpid();
        pid_ = fork();
        if (pid_ < 0)
            throw GraderFault("cannot start " + program + ": " + errno_text(errno));
        if (pid_ == 0)
            become(program.c_str(), argv.get(), environment.get(), output.writer.get(),
                   failure.writer.get(), parent);
        failure.writer.reset();
        int error = 0;
        // End of file means that execve closed the other end: the program runs.
        if (TEMP_FAILURE_RETRY(read(failure.reader.get(), &error, sizeof error)) > 0) {
            reap();
            throw GraderFault("cannot start " + program + ": " + errno_text(error));
        }
        // Not pidfd_open(): glibc 2.36 declares it without C linkage for C++.
        pidfd_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
        if (!pidfd_.valid()) {
            const int saved = errno;
            reap();
            throw GraderFault("cannot watch " + program + ": " + errno_text(saved));
        }
        output_ = std::move(output.reader);
        fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    }
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;
    ~Child() {
        if (!reaped_)
            reap();
    }

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] int pidfd() const { return pidfd_.get(); }
    [[nodiscard]] int output() const { return output_.get(); }

    void kill_group() const { kill(-pid_, SIGKILL); }

    /**
     * Kills what is left of the group, then collects the leader: in this order, because the group's
     * number is only ours while its leader has not been waited for. Returns the wait status.
     */
    int reap() {
        kill_group();
        kill(pid_, SIGKILL);
        int status = 0;
        TEMP_FAILURE_RETRY(waitpid(pid_, &status, 0));
        reaped_ = true;
        return status;
    }

  private:
    pid_t pid_ = -1;
    ScopedFd pidfd_;
    ScopedFd output_;
    bool reaped_ = false;
};

/** Collects output up to its limit, and cuts it into lines. */
class OutputReader {
  public:
    OutputReader(const Command &command, Outcome &outcome) : command_(command), outcome_(outcome) {}

    /**
     * Takes what the pipe holds now. False at its end.
     * Bounded by what a pipe can hold (fs.pipe-max-size, pipe(7)): who writes faster than we read
     * must not keep us from the timeout.
     */
    bool drain(int fd) {
        std::array<char, std::size_t{64} * 1024> piece;
        for (int round = 0; round < 16; ++round) {
            const ssize_t count = TEMP_FAILURE_RETRY(read(fd, piece.data(), piece.size()));
            if (count <= 0)
                return count < 0 && errno == EAGAIN;
            take({piece.data(), static_cast<std::size_t>(count)});
        }
        return true;
    }
    /** A last line without a line end is a line, too. */
    void finish() {
        if (!line_.empty() && command_.on_line)
            command_.on_line(line_);
    }

  private:
    static constexpr std::size_t longest_line = std::size_t{64} * 1024;

    void take(std::string_view piece) {
        const std::size_t room = command_.output_limit - outcome_.output.size();
        outcome_.output += piece.substr(0, room);
        outcome_.output_truncated |= piece.size() > room;
        if (command_.on_line)
            cut_lines(piece);
    }
    void cut_lines(std::string_view piece) {
        for (const char byte : piece) {
            if (byte != '\n')
                line_.push_back(byte);
            if (byte == '\n' || line_.size() == longest_line) {
                command_.on_line(line_);
                line_.clear();
            }
        }
    }

    const Command &command_;
    Outcome &outcome_;
    std::string line_;
};

/** The timeouts of a command, from now on. */
class TimeLeft {
  public:
    TimeLeft(const Command &command, pid_t program)
        // A timeout of hours::max() must not overflow.
        : deadline_(Clock::now() +
                    std::min<milliseconds>(command.timeout, std::chrono::hours{1000})),
          own_timeout_(command.own_timeout),
          own_clock_(program) {}

    /** To be asked before each wait. */
    bool is_up() { return own_is_up() || Clock::now() >= deadline_; }
    bool own_is_up() { return own_timeout_ && own_clock_.elapsed() >= *own_timeout_; }
    /** For poll(2). Rounded up, so that the loop does not spin in the last millisecond. */
    [[nodiscard]] int milliseconds_to_wait() const {
        const auto left = std::chrono::ceil<milliseconds>(deadline_ - Clock::now());
        const auto longest = own_timeout_ ? TreeClock::between_looks : milliseconds{60'000};
        return static_cast<int>(std::clamp(left, milliseconds{0}, longest).count());
    }

  private:
    using milliseconds = std::chrono::milliseconds;

    Clock::time_point deadline_;
    std::optional<milliseconds> own_timeout_;
    TreeClock own_clock_;
};

/** Waits until the program ended; false when the time was up first. */
bool wait_for_end(const Child &child, OutputReader &reader, TimeLeft &time) {
    int output = child.output();
    while (!time.is_up()) {
        std::array<pollfd, 3> events{pollfd{child.pidfd(), POLLIN, 0}, pollfd{output, POLLIN, 0},
                                     pollfd{interrupt_fd(), POLLIN, 0}};
        if (poll(events.data(), events.size(), time.milliseconds_to_wait()) < 0 && errno != EINTR)
            throw GraderFault("cannot wait for a program: " + errno_text(errno));
        throw_if_interrupted();
        const bool ended = events[0].revents != 0;
        if (events[1].revents != 0 && !reader.drain(output))
            output = -1;
        if (ended)
            return true;
    }
    return false;
}

}  // namespace

Outcome run(const Command &command) {
    throw_if_interrupted();
    const auto start = Clock::now();
    Outcome outcome;
    Child child(command);
    OutputReader reader(command, outcome);
    TimeLeft time(command, child.pid());
    outcome.timed_out = !wait_for_end(child, reader, time);
    outcome.starved = outcome.timed_out && command.own_timeout && !time.own_is_up();
    const int status = child.reap();
    reader.drain(child.output());
    reader.finish();
    if (WIFEXITED(status) && !outcome.timed_out)
        outcome.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status))
        outcome.signal = WTERMSIG(status);
    outcome.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    return outcome;
}

std::string find_program(std::string_view name) {
    const auto executable = [](const std::filesystem::path &path) {
        std::error_code ignored;
        return std::filesystem::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
    };
    if (name.find('/') != std::string_view::npos)
        return executable(name) ? std::string(name) : std::string();
    const char *path = std::getenv("PATH");
    std::string_view folders = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
    while (!folders.empty()) {
        const std::string_view folder = folders.substr(0, folders.find(':'));
        folders.remove_prefix(std::min(folder.size() + 1, folders.size()));
        const auto candidate = std::filesystem::path(folder) / name;
        if (!folder.empty() && executable(candidate))
            return candidate.string();
    }
    return {};
}

bool interrupted() {
    return interrupt_came || stop_asked;
}

bool signal_came() {
    return interrupt_came;
}

void stop_work() {
    stop_asked = true;
    wake_all();
}

void allow_work() {
    stop_asked = false;
    eventfd_t count = 0;
    eventfd_read(interrupt_event, &count);
    // It may have come since.
    if (interrupt_came)
        wake_all();
}

void handle_interrupts() {
    interrupt_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (interrupt_event < 0)
        throw GraderFault("cannot make an eventfd: " + errno_text(errno));
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action {};
        sigaction(number, nullptr, &action);
        if (action.sa_handler == SIG_IGN)
            continue;
        action.sa_handler = on_interrupt;
        // Restart, so that no library meets an EINTR; what waits polls interrupt_fd() as well.
        action.sa_flags = SA_RESTART;
        sigemptyset(&action.sa_mask);
        sigaction(number, &action, nullptr);
    }
}

int interrupt_fd() {
    return interrupt_event;
}

void throw_if_interrupted() {
    if (interrupted())
        throw Interrupted();
}

}  // namespace klass
