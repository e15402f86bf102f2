// SPDX-License-Identifier: Apache-2.0
#include "wire/station.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "util/error.h"

namespace klass::wire {

namespace {

using namespace std::chrono_literals;

// A flood keeps the guest's card busy, and must leave the guest time to do anything else, however
// slow it is: beyond a few frames now and then, it answers what the guest sends. The pause is a
// fraction of what a driver needs to free a ring: so while it does, frames come for certain.
constexpr std::size_t flood_answers = 2;
constexpr std::size_t flood_burst = 2;
constexpr auto flood_pause = 5ms;

}  // namespace

Station::Station(int cable, std::string address)
    : cable_(cable), peer_(cable, std::move(address)), wakeup_(eventfd(0, EFD_CLOEXEC)) {
    if (!wakeup_.valid())
        throw GraderFault("no descriptor to wake the network's thread with: " + errno_text(errno));
    thread_ = std::thread([this] { work(); });
}

Station::~Station() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    eventfd_write(wakeup_.get(), 1);
    thread_.join();
}

void Station::work() {
    for (;;) {
        int pause = -1;
        {
            const std::lock_guard lock(mutex_);
            if (closing_)
                return;
            const std::size_t seen = peer_.traffic().frames;
            peer_.serve();
            if (flood_) {
                pour(*flood_, peer_.traffic().frames - seen);
                pause = static_cast<int>(flood_pause / 1ms);
            }
        }
        news_.notify_all();
        pollfd fds[] = {{wakeup_.get(), POLLIN, 0}, {cable_, POLLIN, 0}};
        poll(fds, std::size(fds), pause);
        if (fds[0].revents != 0) {
            eventfd_t ignored = 0;
            eventfd_read(wakeup_.get(), &ignored);
        }
        if ((fds[1].revents & (POLLHUP | POLLERR)) != 0)
            cable_ = -1;  // the machine has ended: poll(2) skips it from now on
    }
}

void Station::pour(Flood &flood, std::size_t frames_seen) {
    const auto now = flood.clock();
    std::size_t frames = std::min(flood_burst, flood_answers * frames_seen);
    if (frames > 0) {
        flood.next = now + flood_pause;
    } else if (now >= flood.next) {
        frames = flood_burst;
        // A moment of the neighbour's that is late does not make the next one later.
        flood.next = std::max(flood.next, now - flood_pause) + flood_pause;
    }
    for (std::size_t i = 0; i < frames; ++i)
        peer_.send_datagram(flood.neighbour, flood.datagram);
}

bool Station::wait_until(const std::function<bool(const Traffic &)> &holds,
                         std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return news_.wait_for(lock, patience, [&] { return holds(peer_.traffic()); });
}

bool Station::ping(const std::string &neighbour, std::uint16_t sequence, const Bytes &payload) {
    const std::lock_guard lock(mutex_);
    return peer_.ping(neighbour, sequence, payload);
}

bool Station::send_datagram(const std::string &neighbour, const Datagram &datagram) {
    const std::lock_guard lock(mutex_);
    return peer_.send_datagram(neighbour, datagram);
}

void Station::start_capture() {
    const std::lock_guard lock(mutex_);
    peer_.start_capture();
}

Capture Station::capture() const {
    const std::lock_guard lock(mutex_);
    return peer_.capture();
}

bool Station::flood(const std::string &neighbour, const Bytes &payload, Clock clock) {
    {
        const std::lock_guard lock(mutex_);
        // RFC 863: the port whose owner throws away what comes.
        constexpr std::uint16_t discard = 9;
        const Datagram datagram{.from_port = discard, .to_port = discard, .payload = payload};
        if (!peer_.send_datagram(neighbour, datagram))
            return false;
        const auto now = clock();
        flood_ = {
            .datagram = datagram, .neighbour = neighbour, .clock = std::move(clock), .next = now};
    }
    eventfd_write(wakeup_.get(), 1);
    return true;
}

void Station::calm() {
    const std::lock_guard lock(mutex_);
    flood_.reset();
}

Traffic Station::traffic() const {
    const std::lock_guard lock(mutex_);
    return peer_.traffic();
}

}  // namespace klass::wire
