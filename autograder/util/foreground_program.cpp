// SPDX-License-Identifier: Apache-2.0
#include "util/foreground_program.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "util/error.h"
#include "util/exec_strings.h"
#include "util/subprocess.h"

namespace klass {

namespace {

// After a fork: only async-signal-safe calls.
[[noreturn]] void become(const std::string &program, char *const *argv, char *const *environment,
                         const std::vector<int> &inherited, pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const int number : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE})
        static_cast<void>(std::signal(number, SIG_DFL));
    if (sigprocmask(SIG_SETMASK, &none, nullptr) == 0 && getppid() == parent) {
        close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
        for (const int fd : inherited)
            fcntl(fd, F_SETFD, 0);
        execve(program.c_str(), argv, environment);
    }
    _exit(127);
}

}  // namespace

ForegroundProgram::ForegroundProgram(const ForegroundCommand &command) {
    const std::string program = find_program(command.argv.at(0));
    if (program.empty())
        throw GraderFault(command.argv[0] + " is not there or cannot be executed",
                          "install the Debian packages that packages.txt lists");
    ExecStrings argv(command.argv);
    ExecStrings environment(environment_with(command.environment));
    const pid_t parent = getpid();
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGINT, &ignore, &interrupt_);
    sigaction(SIGQUIT, &ignore, &quit_);
    pid_ = fork();
    if (pid_ == 0)
        become(program, argv.get(), environment.get(), command.inherited, parent);
    if (pid_ > 0)
        pidfd_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    if (!pidfd_.valid()) {
        const std::string reason = errno_text(errno);
        end();
        throw GraderFault("cannot start " + program + ": " + reason);
    }
}

ForegroundProgram::~ForegroundProgram() {
    end();
}

void ForegroundProgram::end() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        TEMP_FAILURE_RETRY(waitpid(pid_, nullptr, 0));
    }
    pid_ = -1;
    sigaction(SIGINT, &interrupt_, nullptr);
    sigaction(SIGQUIT, &quit_, nullptr);
}

int ForegroundProgram::wait() {
    int status = 0;
    TEMP_FAILURE_RETRY(waitpid(pid_, &status, 0));
    pid_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace klass
