// SPDX-License-Identifier: Apache-2.0
// A file descriptor that closes itself, and what every wait in the client looks at.
#pragma once

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

[[noreturn]] inline void fail(const std::string &what, int error = errno) {
    throw std::system_error(error, std::generic_category(), what);
}

class Descriptor {
  public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor &operator=(Descriptor &&other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() {
        if (fd_ >= 0)
            close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }

  private:
    int fd_;
};

// Once it is set, every wait that looks at it ends; it stays set. One within another ends with it.
class Stop {
  public:
    explicit Stop(const Stop *outer = nullptr)
        : event_(eventfd(0, EFD_CLOEXEC)), outer_(outer ? outer->event_.get() : -1) {
        if (event_.get() < 0)
            fail("eventfd");
    }
    // Set by a signal that the threads have blocked: nobody reads it, so it can be read for ever.
    explicit Stop(const sigset_t &signals)
        : event_(signalfd(-1, &signals, SFD_CLOEXEC)), outer_(-1) {
        if (event_.get() < 0)
            fail("signalfd");
    }
    void set() const {
        const std::uint64_t one = 1;
        if (write(event_.get(), &one, sizeof(one)) < 0)
            fail("stop");
    }

    // Waits for events of fd, or for as long as a timeout in ms; false once it is set.
    [[nodiscard]] bool wait(int fd, short events, int timeout = -1) const {
        pollfd all[] = {{event_.get(), POLLIN, 0}, {outer_, POLLIN, 0}, {fd, events, 0}};
        while (poll(all, std::size(all), timeout) < 0)
            if (errno != EINTR)
                fail("poll");
        return all[0].revents == 0 && all[1].revents == 0;
    }
    [[nodiscard]] bool is_set() const { return !wait(-1, 0, 0); }

  private:
    Descriptor event_;
    int outer_;
};
