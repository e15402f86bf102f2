// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief One QEMU process, with the wires to it: agent, console, monitor, and a network cable.
 */
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "util/scoped_fd.h"
#include "util/spawner.h"
#include "vm/machine_spec.h"
#include "vm/own_network.h"
#include "vm/patience_clock.h"
#include "vm/qmp.h"

namespace klass::vm {

/** Bytes of console that are kept; a guest that prints more is flooding. */
inline constexpr std::size_t console_limit = std::size_t{4} << 20;

/** A running virtual machine. Its process is killed with this object. */
class Machine {
  public:
    /**
     * Starts QEMU.
     * @param ram  descriptor of a file of the spec's memory size; it stays the caller's
     * @throws GraderFault when QEMU or one of its files is missing, or it ends at once
     */
    Machine(const MachineSpec &spec, int ram, Start start);
    Machine(Machine &&) noexcept = default;
    Machine &operator=(Machine &&other) noexcept;
    ~Machine();

    /**
     * Stops the machine and writes its state without its memory, which lies in the RAM file.
     * @param state  descriptor of an empty file
     */
    void freeze_to(int state);

    /** A machine that was started with Start::incoming takes up a frozen state and runs. */
    void resume_from(int state);

    /** The time by which this machine is waited for. */
    PatienceClock::time_point now() { return clock_.now(); }
    /** How long QEMU has waited for a processor, as of the last now(). */
    [[nodiscard]] std::chrono::nanoseconds starved() const { return clock_.starved(); }

    /** What woke wait_for_activity(). */
    struct Activity {
        bool agent = false;  ///< the agent's socket can be read
        bool ended = false;  ///< the QEMU process has ended
        bool other = false;  ///< one of the caller's own descriptors can be read, or its peer left
        bool sent = false;   ///< the agent took the last of what it was sent
    };

    /**
     * Waits until the agent's socket is readable, QEMU ended, or the deadline, of now()'s time.
     * Meanwhile reads the console, so that a guest that prints is not held up, and sends what the
     * agent did not take at once.
     * @param others  the caller's own descriptors, that end the wait as well; -1 is passed over
     * @throws Interrupted on SIGINT
     */
    Activity wait_for_activity(PatienceClock::time_point deadline,
                               std::span<const int> others = {});

    /**
     * For a machine without an agent: waits until the guest printed something, which is then in
     * console(), a frame is on the cable, QEMU ended, or the deadline, of now()'s time.
     * @throws Interrupted on SIGINT
     */
    void wait_for_signs_of_life(PatienceClock::time_point deadline);

    /** All that the guest printed so far; grows only by the two waits and drain_console(). */
    [[nodiscard]] const std::string &console() const { return console_; }
    /**
     * Types on the serial console.
     * @return false when the guest does not take what was typed, or is gone
     */
    [[nodiscard]] bool type(std::string_view text);
    /** Types as much as the guest takes now. @return how many bytes; nothing when it is gone */
    std::optional<std::size_t> type_some(std::string_view text);
    /** Reads what is on the console now. */
    void drain_console();
    /** The guest printed more than console_limit. */
    [[nodiscard]] bool console_flooded() const { return console_flooded_; }

    [[nodiscard]] int agent_fd() const { return agent_.get(); }
    /**
     * Sends to the agent what it takes now, without a wait: a guest may have stopped to read.
     * wait_for_activity() sends the rest.
     */
    void send_to_agent(const std::vector<std::uint8_t> &bytes);
    /** Whether the agent has not yet taken all that it was sent. */
    [[nodiscard]] bool sending() const { return !unsent_.empty(); }
    /** Datagram socket with one Ethernet frame each; -1 unless the spec has Cable::frames. */
    [[nodiscard]] int cable_fd() const { return cable_.get(); }
    /** Of a spec with Cable::own_network. */
    OwnNetwork &own_network() { return own_network_.value(); }
    Qmp &qmp() { return qmp_; }
    [[nodiscard]] bool ended() const { return ended_; }
    /** What QEMU itself wrote to standard error, at most 4 KiB. */
    [[nodiscard]] std::string qemu_errors() const;
    [[nodiscard]] pid_t pid() const { return process_.pid; }

    /** Kills QEMU and waits for its end. */
    void kill();
    /** From now on the waits kill QEMU when @p fd can be read; -1 for no more of that. */
    void end_with(int fd) { leash_ = fd; }
    /**
     * Lets a debugger connect to a UNIX socket at @p path (QEMU's gdbstub). The machine stands
     * still from then on until the debugger lets it go on.
     * @throws GraderFault when QEMU does not do it, or the path is too long for a socket
     */
    void serve_debugger(const std::filesystem::path &path);

    /** Told of what comes out of the console, as it is read. */
    std::function<void(std::string_view)> on_console;

  private:
    struct Started;
    explicit Machine(Started started);
    void send_unsent();

    Spawned process_;
    PatienceClock clock_;
    ScopedFd agent_;
    std::vector<std::uint8_t> unsent_;
    ScopedFd console_fd_;
    Qmp qmp_;
    ScopedFd cable_;
    std::optional<OwnNetwork> own_network_;
    ScopedFd errors_;
    std::string console_;
    bool console_flooded_ = false;
    bool ended_ = false;
    int leash_ = -1;
};

}  // namespace klass::vm
