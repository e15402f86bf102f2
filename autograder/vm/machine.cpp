// SPDX-License-Identifier: Apache-2.0
#include "vm/machine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "util/error.h"
#include "util/subprocess.h"

namespace klass::vm {

namespace {

using namespace std::chrono_literals;

/** A socket pair: one end for QEMU, one for us. */
struct Wire {
    ScopedFd ours;
    ScopedFd theirs;

    explicit Wire(int type = SOCK_STREAM) {
        int pair[2];
        if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) < 0)
            throw GraderFault(fmt::format("no socket for QEMU: {}", std::strerror(errno)));
        ours = ScopedFd(pair[0]);
        theirs = ScopedFd(pair[1]);
    }
};

ScopedFd open_for_reading(const std::filesystem::path &path) {
    ScopedFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid())
        throw GraderFault(fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
    return fd;
}

void ignore_shared_memory(Qmp &qmp) {
    qmp.execute("migrate-set-capabilities",
                {{"capabilities",
                  nlohmann::json::array({{{"capability", "x-ignore-shared"}, {"state", true}}})}});
}

// Both directions take some ten milliseconds; a millisecond's step wastes
// little and does not load the machine.
void wait_for_migration(Qmp &qmp, const char *what) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    for (;;) {
        throw_if_interrupted();
        const nlohmann::json answer = qmp.execute("query-migrate");
        const std::string status = answer.value("status", "none");
        if (status == "completed")
            return;
        if (status == "failed" || std::chrono::steady_clock::now() > deadline)
            throw GraderFault(fmt::format("QEMU could not {} the machine ({}): {}", what, status,
                                          answer.value("error-desc", "no reason given")));
        std::this_thread::sleep_for(1ms);
    }
}

Qmp negotiated(ScopedFd socket, const ScopedFd &errors, Spawned &process) {
    Qmp qmp(std::move(socket));
    try {
        qmp.negotiate(60s);
    } catch (const GraderFault &) {
        ::kill(process.pid, SIGKILL);
        waitpid(process.pid, nullptr, 0);
        char text[2048];
        const ssize_t count = pread(errors.get(), text, sizeof text, 0);
        throw GraderFault(fmt::format("QEMU did not start: {}",
                                      count > 0 ? std::string(text, static_cast<std::size_t>(count))
                                                : std::string("it said nothing")),
                          "run `klass doctor`");
    }
    return qmp;
}

/** For poll(2): in milliseconds, and no shorter. A wait without an end is made in pieces. */
int poll_timeout(std::chrono::nanoseconds left) {
    constexpr auto longest = 1h;
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(
                                std::clamp<std::chrono::nanoseconds>(left, 0ns, longest))
                                .count());
}

/** Sends what the other end takes now. @return how many bytes; nothing when it is gone */
std::optional<std::size_t> send_some(int socket, const void *bytes, std::size_t size) {
    std::size_t sent = 0;
    while (sent < size) {
        const ssize_t count = send(socket, static_cast<const char *>(bytes) + sent, size - sent,
                                   MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            break;
        if (count <= 0)
            return std::nullopt;
        sent += static_cast<std::size_t>(count);
    }
    return sent;
}

}  // namespace

/** What Machine's constructor gathers before its members can be made. */
struct Machine::Started {
    Spawned process;
    Wire agent;
    Wire console;
    Wire qmp;
    std::optional<Wire> cable;
    std::optional<OwnNetwork> own_network;
    ScopedFd errors{memfd_create("qemu-errors", MFD_CLOEXEC)};

    Started(const MachineSpec &spec, int ram, Start start) {
        const ScopedFd kernel = open_for_reading(spec.kernel);
        const ScopedFd initrd = open_for_reading(spec.initrd);
        std::vector<int> inherited{kernel.get(),       initrd.get(),         ram,
                                   agent.theirs.get(), console.theirs.get(), qmp.theirs.get()};
        const bool has_card = !spec.network_card.empty();
        if (has_card && spec.cable == Cable::frames)
            inherited.push_back(cable.emplace(SOCK_DGRAM).theirs.get());
        if (has_card && spec.cable == Cable::own_network) {
            own_network.emplace();
            inherited.insert(inherited.end(),
                             {own_network->control_fd(), own_network->program_fd()});
        }
        const MachineFds fds{.kernel = kernel.get(),
                             .initrd = initrd.get(),
                             .ram = ram,
                             .agent = agent.theirs.get(),
                             .console = console.theirs.get(),
                             .qmp = qmp.theirs.get(),
                             .cable = cable ? cable->theirs.get() : -1};
        const auto argv = command_line(spec, fds, start);
        process = spawn(own_network ? own_network->command(argv) : argv, inherited, errors.get());
    }
};

Machine::Machine(const MachineSpec &spec, int ram, Start start)
    : Machine([&] {
          Started started(spec, ram, start);
          // Our copies of QEMU's ends: with them open we would never see its end.
          started.agent.theirs.reset();
          started.console.theirs.reset();
          started.qmp.theirs.reset();
          if (started.cable)
              started.cable->theirs.reset();
          // Where that failed, the monitor does not answer, and what was said is reported.
          if (started.own_network)
              started.own_network->take_sockets();
          return started;
      }()) {}

Machine::Machine(Started started)
    : process_(std::move(started.process)),
      clock_(process_.pid),
      agent_(std::move(started.agent.ours)),
      console_fd_(std::move(started.console.ours)),
      qmp_(negotiated(std::move(started.qmp.ours), started.errors, process_)),
      cable_(started.cable ? std::move(started.cable->ours) : ScopedFd()),
      own_network_(std::move(started.own_network)),
      errors_(std::move(started.errors)) {}

Machine &Machine::operator=(Machine &&other) noexcept {
    if (this != &other) {
        kill();
        process_ = std::move(other.process_);
        clock_ = other.clock_;
        agent_ = std::move(other.agent_);
        unsent_ = std::move(other.unsent_);
        console_fd_ = std::move(other.console_fd_);
        qmp_ = std::move(other.qmp_);
        cable_ = std::move(other.cable_);
        own_network_ = std::move(other.own_network_);
        errors_ = std::move(other.errors_);
        console_ = std::move(other.console_);
        console_flooded_ = other.console_flooded_;
        ended_ = other.ended_;
        on_console = std::move(other.on_console);
        leash_ = other.leash_;
    }
    return *this;
}

Machine::~Machine() {
    kill();
}

void Machine::kill() {
    if (!process_.pidfd.valid())
        return;
    ::kill(process_.pid, SIGKILL);
    while (waitpid(process_.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    process_.pidfd.reset();
    ended_ = true;
}

void Machine::freeze_to(int state) {
    qmp_.execute("stop");
    ignore_shared_memory(qmp_);
    qmp_.execute("getfd", {{"fdname", "state"}}, state);
    qmp_.execute("migrate", {{"uri", "fd:state"}});
    wait_for_migration(qmp_, "freeze");
}

void Machine::resume_from(int state) {
    ignore_shared_memory(qmp_);
    qmp_.execute("getfd", {{"fdname", "state"}}, state);
    qmp_.execute("migrate-incoming", {{"uri", "fd:state"}});
    wait_for_migration(qmp_, "thaw");
    qmp_.execute("cont");
}

Machine::Activity Machine::wait_for_activity(PatienceClock::time_point deadline,
                                             std::span<const int> others) {
    for (;;) {
        const int timeout = poll_timeout(deadline - now());
        const short agent_events = sending() ? POLLIN | POLLOUT : POLLIN;
        std::vector<pollfd> fds{{agent_.get(), agent_events, 0},
                                {console_fd_.get(), POLLIN, 0},
                                {process_.pidfd.get(), POLLIN, 0},
                                {interrupt_fd(), POLLIN, 0},
                                {leash_, POLLIN, 0}};
        const std::size_t own = fds.size();
        for (const int other : others)
            fds.push_back({other, POLLIN, 0});
        const int ready = poll(fds.data(), fds.size(), timeout);
        throw_if_interrupted();
        if (ready > 0 && fds[1].revents != 0)
            drain_console();
        if (ready > 0 && fds[4].revents != 0) {
            kill();
            return {.ended = true};
        }
        const bool sends = ready > 0 && (fds[0].revents & POLLOUT) != 0;
        if (sends)
            send_unsent();
        const Activity activity{
            .agent = ready > 0 && (fds[0].revents & POLLIN) != 0,
            .ended = ready > 0 && fds[2].revents != 0,
            .other =
                ready > 0 && std::any_of(fds.begin() + static_cast<std::ptrdiff_t>(own), fds.end(),
                                         [](const pollfd &fd) { return fd.revents != 0; }),
            .sent = sends && !sending()};
        ended_ = ended_ || activity.ended;
        if (activity.agent || activity.ended || activity.other || activity.sent || timeout == 0)
            return activity;
    }
}

void Machine::wait_for_signs_of_life(PatienceClock::time_point deadline) {
    pollfd fds[] = {{console_fd_.get(), POLLIN, 0},
                    {cable_.get(), POLLIN, 0},
                    {process_.pidfd.get(), POLLIN, 0},
                    {interrupt_fd(), POLLIN, 0}};
    const int ready = poll(fds, std::size(fds), poll_timeout(deadline - now()));
    throw_if_interrupted();
    ended_ = ended_ || (ready > 0 && fds[2].revents != 0);
    // What QEMU printed last is read after its end, too.
    if (ready > 0 && (fds[0].revents != 0 || ended_))
        drain_console();
}

void Machine::send_to_agent(const std::vector<std::uint8_t> &bytes) {
    unsent_.insert(unsent_.end(), bytes.begin(), bytes.end());
    send_unsent();
}

void Machine::send_unsent() {
    const auto sent = send_some(agent_.get(), unsent_.data(), unsent_.size());
    // Of a machine that ended there is nothing to send to; whoever awaits the reply will see it.
    unsent_.erase(unsent_.begin(),
                  sent ? unsent_.begin() + static_cast<std::ptrdiff_t>(*sent) : unsent_.end());
}

std::optional<std::size_t> Machine::type_some(std::string_view text) {
    return send_some(console_fd_.get(), text.data(), text.size());
}

bool Machine::type(std::string_view text) {
    return type_some(text) == text.size();
}

void Machine::drain_console() {
    char chunk[16 << 10];
    ssize_t count = 0;
    while (console_fd_.valid() &&
           (count = recv(console_fd_.get(), chunk, sizeof chunk, MSG_DONTWAIT)) != 0) {
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            return;
        if (count < 0)
            break;
        const std::size_t room = console_limit - console_.size();
        console_.append(chunk, std::min(room, static_cast<std::size_t>(count)));
        console_flooded_ = console_flooded_ || static_cast<std::size_t>(count) > room;
        if (on_console)
            on_console({chunk, static_cast<std::size_t>(count)});
    }
    // Closed: poll(2) would find it ready for ever.
    console_fd_.reset();
}

void Machine::serve_debugger(const std::filesystem::path &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.string().size() >= sizeof address.sun_path)
        throw GraderFault("the name of the debugger's socket is too long: " + path.string(),
                          "set TMPDIR to a folder with a shorter name");
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    // QEMU may open nothing by name, so it is given a socket that listens already.
    const ScopedFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!listener.valid() ||
        bind(listener.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 ||
        listen(listener.get(), 1) != 0)
        throw GraderFault(
            fmt::format("no socket for a debugger at {}: {}", path.string(), std::strerror(errno)));
    qmp_.execute("getfd", {{"fdname", "gdb"}}, listener.get());
    qmp_.execute("chardev-add", {{"id", "gdb"},
                                 {"backend",
                                  {{"type", "socket"},
                                   {"data",
                                    {{"addr", {{"type", "fd"}, {"data", {{"str", "gdb"}}}}},
                                     {"server", true},
                                     {"wait", false}}}}}});
    const nlohmann::json said =
        qmp_.execute("human-monitor-command", {{"command-line", "gdbserver chardev:gdb"}});
    if (said.get<std::string>().find("Waiting for gdb connection") == std::string::npos)
        throw GraderFault("QEMU serves no debugger: " + said.get<std::string>());
}

std::string Machine::qemu_errors() const {
    char text[4096];
    const ssize_t count = pread(errors_.get(), text, sizeof text, 0);
    return count > 0 ? std::string(text, static_cast<std::size_t>(count)) : std::string();
}

}  // namespace klass::vm
