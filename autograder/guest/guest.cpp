// SPDX-License-Identifier: Apache-2.0
#include "guest/guest.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>
#include <thread>

#include "guest/process.h"
#include "util/error.h"

namespace klass::guest {

namespace {

using namespace std::chrono_literals;

// Of a kernel that has died, the processes that it did not take with it go on.
constexpr auto last_words = 2s;
constexpr auto between_looks = 500ms;
constexpr std::size_t largest_frame =
    protocol::header_bytes + protocol::limit_words * sizeof(capnp::word);

// proc(5): the name in parentheses may hold anything, so fields count from the last ')'.
void read_stat(const std::string &stat, Whereabouts &where) {
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos)
        return;
    std::istringstream fields(stat.substr(name_end + 1));
    std::vector<std::string> words;
    for (std::string word; fields >> word;)
        words.push_back(word);
    if (words.size() < 13)
        return;
    where.pid = static_cast<int>(std::strtol(stat.c_str(), nullptr, 10));
    where.state = words[0][0];
    where.user_ticks = std::strtoull(words[11].c_str(), nullptr, 10);
    where.system_ticks = std::strtoull(words[12].c_str(), nullptr, 10);
}

std::vector<std::string> read_stack(const std::string &text) {
    std::vector<std::string> stack;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line) && stack.size() < 64;) {
        // "[<0>] chardev_read+0x1c/0x80 [chardev]"
        const std::size_t at = line.find("] ");
        if (at != std::string::npos)
            stack.push_back(line.substr(at + 2));
    }
    return stack;
}

void fill(protocol::Request::Builder request, const Ticket &ticket, const Call &call) {
    request.setId(ticket.id);
    request.setActor(ticket.actor);
    request.setTimes(call.times);
    call.fill(request.getOperation());
}

}  // namespace

std::string Warm::to_note() const {
    return nlohmann::json{{"release", release}, {"actors", actors}}.dump();
}

Warm Warm::from_note(const std::string &note) {
    const auto json = nlohmann::json::parse(note, nullptr, false);
    if (!json.is_object())
        throw GraderFault("a snapshot's note is damaged",
                          "remove the cache's snapshot folder; it is made anew");
    return {json.at("release").get<std::string>(),
            json.at("actors").get<std::vector<std::uint32_t>>()};
}

Guest::Guest(vm::Machine machine, Warm warm, std::uint64_t seed)
    : machine_(std::move(machine)), warm_(std::move(warm)), random_(seed) {}

Observation Guest::first_answer(const Call &call, std::chrono::milliseconds patience) {
    Observation answer = await(send(0, call), patience);
    if (!answer.ok()) {
        machine_.drain_console();
        const std::string &text = machine_.console();
        throw GraderFault(
            fmt::format("a guest did not answer within {} s. {}\nIts console ends:\n{}",
                        patience.count() / 1000, machine_.qemu_errors(),
                        text.substr(text.size() - std::min<std::size_t>(text.size(), 2000))));
    }
    return answer;
}

std::string Guest::hello(std::chrono::milliseconds patience) {
    const Observation answer =
        first_answer({"hello", [](auto operation) { operation.setHello(); }, 1}, patience);
    if (answer.extra != protocol::VERSION)
        throw GraderFault("the guest's agent speaks another version of the protocol",
                          "build Klass anew: ninja -C build/default");
    return text(answer);
}

void Guest::thaw(std::chrono::milliseconds patience) {
    const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    first_answer(
        {"clock_settime",
         [&](auto operation) { operation.setSetClock(static_cast<std::uint64_t>(now.count())); },
         1},
        patience);
}

Warm Guest::warm_up(unsigned actors, const std::function<void(Process &)> &prepare) {
    Warm warm;
    warm.release = hello(5min);
    for (unsigned i = 0; i < actors; ++i) {
        Process process = this->process();
        // Once through what every check does, so that pages and slabs are there
        // in every clone.
        process.read_file("/proc/sys/kernel/tainted");
        process.read_file("/proc/modules");
        const Observation opened = process.open("/dev/zero", O_RDWR);
        File zero = process.as_file(opened, "/dev/zero");
        zero.read(8192);
        // As much as a module, so that the memory for one is there.
        zero.write(Bytes(256 << 10));
        zero.close();
        if (i == 0)
            prepare(process);
        warm.actors.push_back(process.actor());
    }
    kernel_log();
    // What the kernel and the agent still had to do, each clone would do: callbacks
    // of RCU, memory given back, timers.
    std::this_thread::sleep_for(2s);
    return warm;
}

Process Guest::process() {
    if (!warm_.actors.empty()) {
        const std::uint32_t actor = warm_.actors.front();
        warm_.actors.erase(warm_.actors.begin());
        return {*this, actor};
    }
    const Observation spawned =
        call(0, {"fork()", [](auto operation) { operation.setSpawn(); }, 1});
    return {*this, spawned.ok() ? static_cast<std::uint32_t>(spawned.result) : ~0U};
}

Ticket Guest::new_ticket(std::uint32_t actor, const std::string &what) {
    Ticket ticket{.id = 0, .actor = actor, .what = what};
    while (ticket.id == 0 || outstanding_.contains(ticket.id))
        ticket.id = random_();
    outstanding_.insert(ticket.id);
    return ticket;
}

Ticket Guest::send(std::uint32_t actor, const Call &call) {
    Ticket ticket = new_ticket(actor, call.what);
    if (on_call && actor != 0)
        on_call(call.what);
    capnp::MallocMessageBuilder message;
    fill(message.initRoot<protocol::Request>(), ticket, call);
    const auto frame = protocol::to_frame(message);
    if (frame.size() > largest_frame)
        throw GraderFault(fmt::format("{} takes more than the agent's protocol allows: {} bytes",
                                      call.what, frame.size()));
    machine_.send_to_agent(frame);
    pump_until(patience_, [&] { return !machine_.sending(); });
    return ticket;
}

std::vector<Ticket> Guest::race(const std::vector<Racer> &racers, std::chrono::nanoseconds lead) {
    // The agent hands out the priorities in the order of the list.
    std::vector<std::size_t> order(racers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return racers[a].after < racers[b].after;
    });
    std::vector<Ticket> tickets(racers.size());
    const Observation started = call(
        0, {"race",
            [&](auto operation) {
                auto race = operation.initRace();
                race.setLead(static_cast<std::uint64_t>(lead.count()));
                auto calls = race.initCalls(static_cast<unsigned>(racers.size()));
                for (unsigned i = 0; i < racers.size(); ++i) {
                    const Racer &racer = racers[order[i]];
                    tickets[order[i]] = new_ticket(
                        racer.actor,
                        fmt::format("{}, {} ns into a race", racer.call.what, racer.after.count()));
                    calls[i].setAfter(static_cast<std::uint64_t>(racer.after.count()));
                    calls[i].setRounds(racer.rounds);
                    calls[i].setPeriod(static_cast<std::uint64_t>(racer.period.count()));
                    fill(calls[i].initRequest(), tickets[order[i]], racer.call);
                }
            },
            1});
    if (!started.ok())
        throw GraderFault(fmt::format("a race could not be started: it {}", started.outcome()));
    return tickets;
}

// Reads what the guest sent. What no honest agent sends ends the grading of
// this check: it is never taken for a pass.
void Guest::pump(vm::PatienceClock::time_point deadline) {
    const auto activity = machine_.wait_for_activity(deadline);
    if (activity.agent) {
        std::uint8_t chunk[64 << 10];
        const ssize_t count = recv(machine_.agent_fd(), chunk, sizeof chunk, MSG_DONTWAIT);
        if (count > 0)
            splitter_.append(chunk, static_cast<std::size_t>(count));
        lost_ = lost_ || count == 0;
    }
    lost_ = lost_ || activity.ended;
    try {
        while (auto words = splitter_.next()) {
            protocol::ReplyData reply = protocol::read_reply(std::move(*words));
            if (outstanding_.erase(reply.id) == 0)
                throw GuestBroken("the guest answered what it was not asked, or answered twice");
            replies_.emplace(reply.id, std::move(reply));
        }
    } catch (const protocol::ProtocolError &error) {
        throw GuestBroken(std::string("the guest broke the agent's protocol: ") + error.what());
    }
}

void Guest::pump_until(std::chrono::milliseconds patience, const std::function<bool()> &done) {
    auto deadline = std::min(now() + patience, deadline_);
    bool dead = false;
    while (!done() && !lost_ && now() < deadline) {
        pump(std::min(deadline, now() + between_looks));
        if (!dead && has_died && has_died()) {
            dead = true;
            deadline = std::min(deadline, now() + last_words);
        }
    }
}

bool Guest::arrived(const Ticket &ticket) {
    if (!replies_.contains(ticket.id))
        pump(now());
    return replies_.contains(ticket.id);
}

Observation Guest::observe(const Ticket &ticket, const protocol::ReplyData &reply) const {
    Observation observation;
    observation.what = ticket.what;
    observation.actor = ticket.actor;
    observation.result = reply.result;
    observation.error = reply.error;
    observation.data = reply.data;
    observation.extra = reply.extra;
    observation.times = reply.times;
    observation.nanoseconds = reply.nanoseconds;
    if (reply.error == EOWNERDEAD && reply.result < 0) {
        observation.state = Observation::State::killed;
        observation.signal = static_cast<int>(reply.extra) & 0x7f;
    }
    return observation;
}

Observation Guest::await(const Ticket &ticket, std::chrono::milliseconds patience) {
    if (patience == default_patience)
        patience = patience_;
    pump_until(patience, [&] { return replies_.contains(ticket.id); });
    Observation observation;
    const auto reply = replies_.find(ticket.id);
    if (reply != replies_.end()) {
        observation = observe(ticket, reply->second);
        replies_.erase(reply);
    } else {
        observation.what = ticket.what;
        observation.actor = ticket.actor;
        observation.result = -1;
        observation.state = lost_ ? Observation::State::lost : Observation::State::pending;
    }
    if (on_observation && ticket.actor != 0)
        on_observation(observation);
    return observation;
}

Observation Guest::call(std::uint32_t actor, const Call &call, std::chrono::milliseconds patience) {
    return await(send(actor, call), patience);
}

std::optional<Whereabouts> Guest::whereabouts(std::uint32_t actor) {
    const Observation answer =
        call(0, {"inspect", [&](auto operation) { operation.setInspect(actor); }, 1}, 5s);
    if (!answer.ok())
        return std::nullopt;
    const auto parts = names(answer);
    Whereabouts where;
    if (parts.size() != 4)
        throw GuestBroken("the guest's answer about a process has not four parts");
    read_stat(parts[0], where);
    where.wait_channel = parts[1];
    char *end = nullptr;
    const long number = std::strtol(parts[2].c_str(), &end, 10);
    where.system_call = end == parts[2].c_str() ? -1 : number;
    where.stack = read_stack(parts[3]);
    return where;
}

// The agent acts here, but for the reader of a report it is part of what was done.
Observation Guest::act(const Call &call) {
    Observation done = this->call(0, call);
    if (on_observation)
        on_observation(done);
    return done;
}

Observation Guest::signal(std::uint32_t actor, int number) {
    return act({fmt::format("kill(SIG{})", sigabbrev_np(number)),
                [&](auto operation) {
                    auto signal = operation.initSignal();
                    signal.setTarget(actor);
                    signal.setNumber(number);
                },
                1});
}

Observation Guest::open_gate(std::uint32_t actor) {
    return act(
        {"let the held call go on", [&](auto operation) { operation.setOpenGate(actor); }, 1});
}

std::vector<std::string> Guest::kernel_log() {
    const Observation answer =
        call(0, {"read /dev/kmsg", [](auto operation) { operation.setReadLog(); }, 1});
    return answer.ok() ? names(answer) : std::vector<std::string>();
}

const std::string &Guest::console() {
    machine_.drain_console();
    return machine_.console();
}

void Guest::settle(std::chrono::milliseconds patience) {
    const auto deadline = now() + patience;
    while (!machine_.ended() && now() < deadline)
        // What the agent may still say is of no interest any more.
        if (machine_.wait_for_activity(deadline).agent)
            std::this_thread::sleep_for(10ms);
}

void Guest::interrogate() {
    if (machine_.ended())
        return;
    try {
        machine_.qmp().execute("inject-nmi", nlohmann::json::object(), -1, 2s);
    } catch (const GraderFault &) {
        // It ended between the look and the command: its console says why.
    }
    settle(10s);
    machine_.drain_console();
    lost_ = true;
}

}  // namespace klass::guest
