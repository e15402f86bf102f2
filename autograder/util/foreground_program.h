// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A program that has the user's terminal for as long as it runs.
 */
#pragma once

#include <sys/types.h>

#include <csignal>
#include <map>
#include <string>
#include <vector>

#include "util/scoped_fd.h"

namespace klass {

/** What to run. */
struct ForegroundCommand {
    std::vector<std::string> argv;
    std::map<std::string, std::string> environment;  ///< added to ours
    std::vector<int> inherited;                      ///< descriptors that keep their numbers
};

/**
 * Runs a program on our standard input and output. Meanwhile Ctrl-C and Ctrl-\ are the program's
 * alone; afterwards they are ours again. It is killed with this object, and with this process.
 */
class ForegroundProgram {
  public:
    /** @throws GraderFault when it cannot be started */
    explicit ForegroundProgram(const ForegroundCommand &command);
    ForegroundProgram(const ForegroundProgram &) = delete;
    ForegroundProgram &operator=(const ForegroundProgram &) = delete;
    ~ForegroundProgram();

    /** Readable when it has ended. */
    [[nodiscard]] int pidfd() const { return pidfd_.get(); }
    /** Waits for its end. @return its exit status, as a shell has it: 128 and more for a signal */
    int wait();

  private:
    void end();

    pid_t pid_ = -1;
    ScopedFd pidfd_;
    struct sigaction interrupt_ {};
    struct sigaction quit_ {};
};

}  // namespace klass
