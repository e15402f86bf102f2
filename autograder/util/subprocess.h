// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Runs a program to its end, with limits, and without a shell.
 */
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace klass {

/** How to run a program. */
struct Command {
    std::vector<std::string> argv;
    /** Added to the environment of the child. */
    std::map<std::string, std::string> environment;
    std::chrono::milliseconds timeout{std::chrono::hours{24}};
    /**
     * How long it and its descendants may take by their own clock (TreeClock), which stands still
     * while others have the processors: the limit to blame the program for.
     */
    std::optional<std::chrono::milliseconds> own_timeout;
    /** Output beyond this many bytes is read and dropped, and `output_truncated` set. */
    std::size_t output_limit = std::size_t{1} << 20;
    /**
     * Called for each line of output as it comes (stdout and stderr are one stream), without its
     * line end, also beyond the output limit; a line of more than 64 KiB comes in pieces.
     */
    std::function<void(std::string_view line)> on_line;
};

/** How a program ended. */
struct Outcome {
    int exit_code = -1;      ///< when it exited by itself, else -1
    int signal = 0;          ///< when a signal ended it
    bool timed_out = false;  ///< its whole process group was killed at one of the timeouts
    bool starved = false;    ///< at the host's, though it still had time by its own clock
    bool output_truncated = false;
    std::string output;  ///< stdout and stderr as they came
    std::chrono::milliseconds duration{0};

    [[nodiscard]] bool ok() const { return exit_code == 0; }
};

/**
 * Runs @p command in a session and process group of its own, standard input from /dev/null, and
 * waits until it ends; what it left running in its group is then killed. Should this process be
 * killed, so is the program (PR_SET_PDEATHSIG, prctl(2)). No other descriptor of ours is inherited.
 * @throws GraderFault when the program cannot be started; Interrupted on SIGINT or SIGTERM, after
 *         the group was killed.
 */
Outcome run(const Command &command);

/** Full path of a program on $PATH, or empty. */
std::string find_program(std::string_view name);

/** True once SIGINT, SIGTERM or SIGHUP came, or stop_work() was called; long work polls it and
 * unwinds by throwing Interrupted. */
bool interrupted();

/** True once SIGINT, SIGTERM or SIGHUP came: this process is to end. */
bool signal_came();

/**
 * Makes all work of this process unwind as a signal does, until allow_work(): for a work that
 * nobody waits for any more. Call it in another thread than that of the work.
 */
void stop_work();

/** New work may begin, unless a signal came. To be called when all that was stopped has ended. */
void allow_work();

/**
 * Makes SIGINT, SIGTERM and SIGHUP set interrupted() and wake every poll; called once, by main().
 * A signal that the caller had ignored (nohup, a shell's background job) stays ignored.
 */
void handle_interrupts();

/**
 * A descriptor for poll(2) that becomes readable when interrupted() does, and stays so; never read
 * it. -1, which poll passes over, before handle_interrupts().
 */
int interrupt_fd();

/** @throws Interrupted when interrupted(). */
void throw_if_interrupted();

}  // namespace klass
