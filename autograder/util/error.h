// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The kinds of failure that are not a verdict, and the exit status of each.
 *
 * util/ is the bottom layer: it knows Linux and nothing of kernels, guests,
 * checks or points, and must never learn of them.
 *
 * A student's mistake is never an exception: it is a verdict. What is thrown
 * is either a mistake in how Klass was called or in the course itself
 * (UsageError), or a failure of ours (GraderFault), which never costs points.
 */
#pragma once

#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace klass {

/** Exit statuses of every verb; see the command line's contract in README.md. */
enum class ExitStatus : int {
    full_marks = 0,   ///< the verb did what it was asked; for `grade`, full marks
    points_lost = 1,  ///< the submission lost points
    usage = 2,        ///< the caller or the course's author made a mistake
    grader_fault = 3  ///< Klass could not do its work; nobody loses points
};

/** What an errno(3) value means: "No such file or directory". */
inline std::string errno_text(int error) {
    return std::generic_category().message(error);
}

/** Base of what Klass throws: a message that says what is wrong, and the way out. */
class Error : public std::runtime_error {
  public:
    /**
     * @param message  what went wrong, a sentence without a final full stop
     * @param way_out  what the reader can do about it; may be empty
     */
    explicit Error(const std::string &message, std::string way_out = {})
        : std::runtime_error(message), way_out_(std::move(way_out)) {}

    [[nodiscard]] const std::string &way_out() const { return way_out_; }

  private:
    std::string way_out_;
};

/** The command line, a submission's folder or the course's own files are wrong: exit status 2. */
class UsageError : public Error {
  public:
    using Error::Error;
};

/** Klass, QEMU, the kernel cache or the machine failed: exit status 3, no points lost. */
class GraderFault : public Error {
  public:
    using Error::Error;
};

/** The user asked to stop (SIGINT or SIGTERM); unwinds so that every destructor cleans up. */
class Interrupted : public Error {
  public:
    Interrupted() : Error("interrupted") {}
};

}  // namespace klass
