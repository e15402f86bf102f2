// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief QEMU's monitor protocol over a socket: commands, their answers, events.
 *
 * Reference: QEMU's docs/interop/qmp-spec.txt and the QAPI schema of 7.2.
 */
#pragma once

#include <chrono>
#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "util/scoped_fd.h"

namespace klass::vm {

/** One connection to a QEMU's monitor. */
class Qmp {
  public:
    explicit Qmp(ScopedFd socket);
    Qmp(Qmp &&other) noexcept;
    Qmp &operator=(Qmp &&other) noexcept;
    ~Qmp();

    /** Waits for the greeting and leaves the negotiation mode. @throws GraderFault */
    void negotiate(std::chrono::milliseconds timeout);

    /**
     * Carries out a command.
     * @param pass_fd  a descriptor that goes with it (for `getfd`), or -1
     * @return the answer's "return" member
     * @throws GraderFault when QEMU refuses, does not answer in time or is gone
     */
    nlohmann::json execute(std::string_view command, const nlohmann::json &arguments,
                           int pass_fd = -1,
                           std::chrono::milliseconds timeout = std::chrono::seconds{30});
    /** The same of a command without arguments. */
    nlohmann::json execute(std::string_view command);

    /** Reads what is there without waiting; events are kept. @return false when QEMU is gone. */
    bool drain();

    /** Waits for an event of this name, and removes it. @return false when none came in time */
    bool await_event(std::string_view name, std::chrono::milliseconds timeout);

    /** Whether an event of this name has come; removes it. */
    bool take_event(std::string_view name);

    [[nodiscard]] int fd() const { return socket_.get(); }

  private:
    bool receive();
    nlohmann::json next(std::chrono::steady_clock::time_point deadline, std::string_view awaited);

    ScopedFd socket_;
    std::string buffer_;
    std::vector<nlohmann::json> answers_;  // hardly ever more than one
    std::deque<std::string> events_;
};

}  // namespace klass::vm
