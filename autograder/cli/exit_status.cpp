// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_status.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>

#include "util/error.h"
#include "util/subprocess.h"

namespace klass::cli {

namespace {

int complain(const std::string &who, const Error &error, ExitStatus status) {
    fmt::print(stderr, "klass: {}{}.\n", who, error.what());
    if (!error.way_out().empty())
        fmt::print(stderr, "       Way out: {}.\n", error.way_out());
    return static_cast<int>(status);
}

}  // namespace

int exit_status_of(const std::string &fault, const std::function<int()> &work) {
    std::signal(SIGPIPE, SIG_IGN);
    handle_interrupts();
    try {
        return work();
    } catch (const Interrupted &) {
        fmt::print(stderr, "\nklass: stopped. What was made so far is kept.\n");
        return 128 + SIGINT;
    } catch (const UsageError &error) {
        return complain("", error, ExitStatus::usage);
    } catch (const Error &error) {
        return complain(fault, error, ExitStatus::grader_fault);
    } catch (const std::exception &error) {
        return complain(fault,
                        GraderFault(error.what(), "this is a bug in Klass: please report it"),
                        ExitStatus::grader_fault);
    }
}

}  // namespace klass::cli
