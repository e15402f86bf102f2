// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief For tests: a running `klass pose-server`.
 */
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "cli/run_klass.h"
#include "util/error.h"
#include "util/exec_strings.h"
#include "util/scoped_fd.h"

namespace klass {

/** The server in a process of its own, and what it says. */
class ServerProcess {
  public:
    explicit ServerProcess(std::vector<std::string> words) {
        words.insert(words.begin(), {program, "pose-server"});
        std::array<int, 2> pipe{};
        if (pipe2(pipe.data(), O_CLOEXEC) != 0)
            throw GraderFault("no pipe");
        output_.reset(pipe[0]);
        const ScopedFd writer(pipe[1]);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, writer.get(), STDERR_FILENO);
        ExecStrings argv(std::move(words));
        const int error = posix_spawn(&pid_, program, &actions, nullptr, argv.get(), environ);
        posix_spawn_file_actions_destroy(&actions);
        if (error != 0)
            throw GraderFault("cannot start klass");
    }
    ServerProcess(const ServerProcess &) = delete;
    ServerProcess &operator=(const ServerProcess &) = delete;
    ~ServerProcess() {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
    }

    /** Reads until it has said so. The test's own time limit is the only one. */
    std::string read_until(const std::string &part) {
        std::array<char, 4096> buffer{};
        while (said_.find(part) == std::string::npos) {
            const ssize_t count = read(output_.get(), buffer.data(), buffer.size());
            if (count <= 0) {
                ADD_FAILURE() << "no \"" << part << "\" in:\n" << said_;
                break;
            }
            said_.append(buffer.data(), static_cast<std::size_t>(count));
        }
        return std::exchange(said_, {});
    }
    /** Of a server at 127.0.0.1: where it says that it listens. */
    std::uint16_t read_port() {
        const std::string where = "127.0.0.1:";
        const std::string said = read_until("figure.onnx\n");
        return static_cast<std::uint16_t>(std::stoul(said.substr(said.find(where) + where.size())));
    }
    void signal(int number) const { kill(pid_, number); }
    /** Its exit status, or 128 and the signal that ended it. */
    int wait() {
        int status = 0;
        waitpid(std::exchange(pid_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

  private:
    pid_t pid_ = -1;
    ScopedFd output_;
    std::string said_;
};

}  // namespace klass
