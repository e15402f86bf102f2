// SPDX-License-Identifier: Apache-2.0
#include "vm/relay.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <csignal>
#include <iterator>

#include "util/error.h"
#include "util/subprocess.h"

namespace klass::vm {

namespace {

// A guest may be hostile.
constexpr std::size_t most_connections = 16;

}  // namespace

Relay::Relay(OwnNetwork &network, std::uint16_t port, std::uint16_t to_port)
    : listener_(network.listen(port)),
      to_port_(to_port),
      socat_(find_program("socat")),
      nowhere_(open("/dev/null", O_WRONLY | O_CLOEXEC)),
      wakeup_(eventfd(0, EFD_CLOEXEC)) {
    if (socat_.empty())
        throw UsageError("socat is missing: it connects the guest with a server of this machine",
                         "apt-get install socat");
    if (!nowhere_.valid() || !wakeup_.valid())
        throw GraderFault("no descriptor for a guest's connections: " + errno_text(errno));
    thread_ = std::thread([this] { work(); });
}

Relay::~Relay() {
    eventfd_write(wakeup_.get(), 1);
    thread_.join();
    for (const Spawned &each : connections_) {
        kill(each.pid, SIGKILL);
        waitpid(each.pid, nullptr, 0);
    }
}

void Relay::work() {
    for (;;) {
        pollfd fds[] = {{wakeup_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
        if (poll(fds, std::size(fds), -1) < 0)
            continue;
        if (fds[0].revents != 0)
            return;
        remove_ended();
        const ScopedFd guest(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        // Without descriptors, the connection stays to be accepted: no reason to ask at once again.
        if (!guest.valid())
            poll(fds, 1, 100);
        if (!guest.valid() || connections_.size() >= most_connections)
            continue;
        try {
            // A side that has sent all may wait for answers: as long as it likes.
            connections_.push_back(spawn({socat_, "-t", "3600", fmt::format("FD:{}", guest.get()),
                                          fmt::format("TCP4:127.0.0.1:{}", to_port_)},
                                         {guest.get()}, nowhere_.get()));
        } catch (const GraderFault &) {
            // The guest sees its connection closed, and may try again.
        }
    }
}

void Relay::remove_ended() {
    std::erase_if(connections_,
                  [](const Spawned &each) { return waitpid(each.pid, nullptr, WNOHANG) != 0; });
}

}  // namespace klass::vm
