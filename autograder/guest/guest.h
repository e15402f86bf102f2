// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A running guest: its processes, its console, its end.
 */
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "guest/call.h"
#include "guest/observation.h"
#include "vm/machine.h"

namespace klass::guest {

class Process;

/** How long an operation may take before it counts as not returning. Generous: hosts are slow. */
inline constexpr std::chrono::seconds default_patience{5};

/** The agent or the wire to it broke its contract; an honest guest cannot cause it. */
class GuestBroken : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/** Where a process of the guest is, by its own /proc. */
struct Whereabouts {
    int pid = 0;
    char state = '?';                ///< as in proc(5): R, S, D, Z, T
    std::string wait_channel;        ///< "0" when it runs
    long system_call = -1;           ///< number of the system call it is in, -1 when in none
    std::vector<std::string> stack;  ///< innermost first, "chardev_read+0x1c/0x80 [chardev]"
    std::uint64_t user_ticks = 0;    ///< processor time used, in 1/100 s
    std::uint64_t system_ticks = 0;

    [[nodiscard]] bool sleeps() const { return state == 'S' || state == 'D'; }
};

/** A request that was sent and whose reply may not have come. */
struct Ticket {
    std::uint64_t id = 0;
    std::uint32_t actor = 0;
    std::string what;
};

/** A call that begins at an exact time; see Guest::race(). */
struct Racer {
    std::uint32_t actor = 0;
    Call call;
    std::chrono::nanoseconds after{0};  ///< the race's beginning
    /**
     * How often it is called, and how far apart. It ends early at an error, and with ETIME when a
     * call returned only after the next one should have begun; Observation::times says when.
     */
    std::uint32_t rounds = 1;
    std::chrono::nanoseconds period{0};
};

/** What a freshly booted guest is told to keep ready before it is frozen. */
struct Warm {
    std::string release;                ///< uname -r
    std::vector<std::uint32_t> actors;  ///< idle processes, ready to be used

    [[nodiscard]] std::string to_note() const;
    static Warm from_note(const std::string &note);
};

/**
 * The host's end of one guest. Not for several threads at once.
 *
 * Every observation is reported to `on_observation` as it is made, so that whoever judges can show
 * what was done.
 */
class Guest {
  public:
    /**
     * @param machine  a clone that runs, or a machine that boots
     * @param warm     what the snapshot kept ready
     * @param seed     of the request numbers; they are random so that a guest cannot answer
     *                 before it was asked
     */
    Guest(vm::Machine machine, Warm warm, std::uint64_t seed);

    /**
     * Waits for the first answer of a machine that boots.
     * @return the kernel's release
     * @throws GraderFault with the console when none comes
     */
    std::string hello(std::chrono::milliseconds patience);

    /**
     * First words with a clone: its wall clock stood still while it was frozen, and is set to the
     * host's.
     * @throws GraderFault with the console when it does not answer
     */
    void thaw(std::chrono::milliseconds patience);

    /**
     * Brings a booted guest to the point where it is frozen: at rest, with processes that wait.
     * @param prepare  does whatever else every clone would have to do, in one of them
     */
    Warm warm_up(unsigned actors, const std::function<void(Process &)> &prepare);

    /** A process of the guest to call upon: one that was kept ready, else a new one. */
    Process process();

    /**
     * Sends an operation. For a guest that does not take it, it waits as long as is usual for an
     * answer; the guest may take it later.
     * @throws GraderFault when it is larger than the protocol allows
     */
    Ticket send(std::uint32_t actor, const Call &call);
    /**
     * Sends calls that begin at exact times of the guest's clock, one actor each. Who begins later
     * interrupts the others wherever they are, if the machine has one processor; with a machine
     * that counts instructions it is the same instruction each time.
     * @param lead  guest time until the earliest, long enough for all to get ready
     * @return tickets in the order of @p racers
     * @throws GraderFault when one of the actors is busy
     */
    std::vector<Ticket> race(const std::vector<Racer> &racers, std::chrono::nanoseconds lead);
    /** Waits for its reply; the observation is `pending` when none came in time. */
    Observation await(const Ticket &ticket, std::chrono::milliseconds patience = default_patience);
    /** Whether its reply is there, without waiting for it. */
    bool arrived(const Ticket &ticket);
    /** Sends and awaits. */
    Observation call(std::uint32_t actor, const Call &call,
                     std::chrono::milliseconds patience = default_patience);

    /** Operations that are waited for as long as is usual are from now on waited for so long. */
    void set_patience(std::chrono::milliseconds patience) { patience_ = patience; }

    /** In this time from now() on, no operation is waited for any more: the check's time is over.
     */
    void set_time_limit(std::chrono::milliseconds limit) { deadline_ = now() + limit; }

    /** The time by which this guest is waited for; see vm::PatienceClock. */
    vm::PatienceClock::time_point now() { return machine_.now(); }

    /** Where a process is now. Nothing when the guest does not answer. */
    std::optional<Whereabouts> whereabouts(std::uint32_t actor);
    /** Sends a signal to a process. */
    Observation signal(std::uint32_t actor, int number);
    /** Lets a call with gated memory go on; see Memory::gated(). */
    Observation open_gate(std::uint32_t actor);

    /** The kernel's log since the last call, as /dev/kmsg has it: "6,123,4567,-;text". */
    std::vector<std::string> kernel_log();

    /** Everything on the serial console so far. */
    const std::string &console();
    [[nodiscard]] bool console_flooded() const { return machine_.console_flooded(); }

    /**
     * Asks a kernel that does not answer where it is: a non-maskable interrupt, on which it
     * panics and prints the interrupted stack. The guest is lost afterwards.
     */
    void interrogate();

    /** Gives a guest that was lost the time to end, if it is about to. */
    void settle(std::chrono::milliseconds patience);
    /** The QEMU process has ended. */
    [[nodiscard]] bool ended() const { return machine_.ended(); }
    /** The guest no longer answers. */
    [[nodiscard]] bool lost() const { return lost_; }
    vm::Machine &machine() { return machine_; }
    /** Gives the machine back, e.g. to be frozen. Nothing must be outstanding. */
    vm::Machine release() { return std::move(machine_); }

    /** Told of each call of a process before it is sent. */
    std::function<void(const std::string &what)> on_call;
    std::function<void(const Observation &)> on_observation;
    /**
     * Asked now and then while an answer is awaited: whether the kernel has died, so that what has
     * not come within a moment never will.
     */
    std::function<bool()> has_died;

  private:
    void pump(vm::PatienceClock::time_point deadline);
    void pump_until(std::chrono::milliseconds patience, const std::function<bool()> &done);
    Ticket new_ticket(std::uint32_t actor, const std::string &what);
    Observation observe(const Ticket &ticket, const protocol::ReplyData &reply) const;
    Observation act(const Call &call);
    Observation first_answer(const Call &call, std::chrono::milliseconds patience);

    vm::Machine machine_;
    Warm warm_;
    std::mt19937_64 random_;
    protocol::FrameSplitter splitter_;
    std::set<std::uint64_t> outstanding_;
    std::map<std::uint64_t, protocol::ReplyData> replies_;
    vm::PatienceClock::time_point deadline_ = vm::PatienceClock::time_point::max();
    std::chrono::milliseconds patience_ = default_patience;
    bool lost_ = false;
};

}  // namespace klass::guest
