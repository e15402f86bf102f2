// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A process of the guest and its open files: system calls by name.
 */
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "guest/guest.h"

namespace klass::guest {

class Process;

/** A system call that was started and may still be going on. */
class Pending {
  public:
    Pending(Guest &guest, Ticket ticket) : guest_(&guest), ticket_(std::move(ticket)) {}

    /** Waits for its end; `pending` in the observation when it did not come in time. */
    Observation wait(std::chrono::milliseconds patience = default_patience);
    /** Whether it has returned. */
    [[nodiscard]] bool returned() const { return guest_->arrived(ticket_); }
    /**
     * Waits until it has returned or its process sleeps in it, seen in the same system call
     * twice; so it does not depend on how fast the host is.
     * @return true when it sleeps
     */
    bool blocks(std::chrono::milliseconds patience = default_patience);
    [[nodiscard]] const std::string &what() const { return ticket_.what; }

  private:
    Guest *guest_;
    Ticket ticket_;
};

/** An open file of a guest's process. */
class File {
  public:
    File(Process &process, int fd, std::string path);

    Observation read(std::size_t count);
    Observation read(const Memory &memory);
    Observation pread(std::size_t count, std::int64_t offset);
    Observation write(const Bytes &bytes);
    Observation write(const Memory &memory);
    Observation pwrite(const Bytes &bytes, std::int64_t offset);
    Observation seek(std::int64_t offset, int whence);
    /** @param what  for the reader, where the number of the request tells little */
    Observation ioctl(std::uint64_t request, const Memory &memory, std::string what = {});
    Observation ioctl_value(std::uint64_t request, std::uint64_t value);
    /** result: the events that poll(2) reports; @p timeout in milliseconds of the guest, or -1. */
    Observation poll(short events, int timeout);
    Observation truncate(std::int64_t length);
    Observation sync();
    Observation close();
    /** result: a handle for Process::peek, poke and munmap. */
    Observation mmap(std::size_t length, int protection, int flags, std::int64_t offset);

    /** bind(2) and connect(2) of a socket; @p address is a struct sockaddr, "10.1.2.3:9" in words.
     */
    Observation bind(const Bytes &address, const std::string &words);
    Observation connect(const Bytes &address, const std::string &words);

    /** The same calls, not waited for. */
    Pending start_read(std::size_t count);
    Pending start_read(const Memory &memory);
    Pending start_write(const Memory &memory);
    /** write(2), carried out @p times times or until it fails. */
    Pending start_writes(const Memory &memory, std::uint32_t times);
    Pending start_poll(short events, int timeout);
    Pending start_ioctl_value(std::uint64_t request, std::uint64_t value);
    Pending start_close();
    /** The same calls, for Guest::race(). */
    [[nodiscard]] Racer racing_read(std::size_t count, std::chrono::nanoseconds after) const;
    [[nodiscard]] Racer racing_write(const Memory &memory, std::chrono::nanoseconds after) const;

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] const std::string &path() const { return path_; }

    /** A read or write carried out @p times times in the guest, timed there. */
    Observation read_times(std::size_t count, std::int64_t offset, std::uint32_t times);
    Observation write_times(const Bytes &bytes, std::int64_t offset, std::uint32_t times);

  private:
    [[nodiscard]] Call read_call(const Memory &memory) const;
    [[nodiscard]] Call write_call(const Memory &memory) const;
    [[nodiscard]] Call poll_call(short events, int timeout) const;
    [[nodiscard]] Call ioctl_value_call(std::uint64_t request, std::uint64_t value) const;
    [[nodiscard]] Call close_call() const;
    [[nodiscard]] Call pread_call(std::size_t count, std::int64_t offset) const;
    [[nodiscard]] Call pwrite_call(const Bytes &bytes, std::int64_t offset) const;

    Guest *guest_;
    std::uint32_t actor_;
    int fd_;
    std::string path_;
};

/** One process of the guest. It does one thing at a time: what it is asked. */
class Process {
  public:
    Process(Guest &guest, std::uint32_t actor) : guest_(&guest), actor_(actor) {}

    /** open(2); result is the descriptor, for as_file(). */
    Observation open(const std::string &path, int flags, unsigned mode = 0);
    /** socket(2); result is the descriptor, for as_file(). */
    Observation socket(int domain, int type, int protocol);
    /** The file that an open() or socket() returned. */
    File as_file(const Observation &opened, const std::string &path);

    /** init_module(2). @p name only for the reader. */
    Observation load_module(const std::string &name, const Bytes &image,
                            const std::string &parameters = {});
    Pending start_load_module(const std::string &name, const Bytes &image,
                              const std::string &parameters = {});
    /**
     * init_module(2) during which the n-th allocation fails that fault injection covers;
     * extra: how many were left to go, 0 when the failure came about.
     */
    Observation load_module_failing(const std::string &name, const Bytes &image, unsigned nth,
                                    const std::string &parameters = {});
    /** delete_module(2), without waiting and without force. */
    Observation unload_module(const std::string &name);
    Pending start_unload_module(const std::string &name);

    /** A whole file of /proc, /sys or a device, in data. */
    Observation read_file(const std::string &path);
    /** The whole text in one write(2). */
    Observation write_file(const std::string &path, std::string_view text);
    Pending start_write_file(const std::string &path, std::string_view text);
    /** Makes a file of these bytes, of any length; the first call that fails, or the last. */
    Observation lay_file(const std::string &path, const Bytes &bytes, unsigned mode);
    /** The names in a folder, in data, each ended by a zero; see names(). */
    Observation list_folder(const std::string &path);
    /** stat(2): result is st_mode, extra st_rdev. */
    Observation stat(const std::string &path);
    Observation mount(const std::string &type, const std::string &target);
    Observation make_folder(const std::string &path);
    Observation unlink(const std::string &path);
    /** Runs a program to its end: result is its wait status, data its output. */
    Observation run(const std::vector<std::string> &argv, std::string_view input = {});
    Pending start_run(const std::vector<std::string> &argv);
    /**
     * Logs a line of ours and waits until it comes out of the console: whatever was logged before
     * has come out too.
     * @param mark  what no other line holds
     * @return false when it does not come
     */
    bool flush_console(const std::string &mark);
    /** Becomes another user, for ever. */
    Observation become(unsigned uid);
    /** Sleeps in guest time. */
    Observation sleep(std::chrono::nanoseconds duration);

    /** Reads and writes a mapping that File::mmap() made. */
    Observation peek(std::uint32_t mapping, std::uint64_t offset, std::size_t length);
    Observation poke(std::uint32_t mapping, std::uint64_t offset, const Bytes &bytes);
    Observation munmap(std::uint32_t mapping);

    /** kill(2). A process has an empty handler for SIGUSR1, which ends a system call: EINTR. */
    Observation signal(int number) { return guest_->signal(actor_, number); }
    std::optional<Whereabouts> whereabouts() { return guest_->whereabouts(actor_); }
    /** Lets this process's call with gated memory go on. */
    Observation open_gate() { return guest_->open_gate(actor_); }

    [[nodiscard]] std::uint32_t actor() const { return actor_; }
    Guest &guest() { return *guest_; }

  private:
    Observation call(const Call &call) { return guest_->call(actor_, call); }

    Guest *guest_;
    std::uint32_t actor_;
};

/** The names that Process::list_folder() brought. */
std::vector<std::string> names(const Observation &listing);

/** A whole text that was read; printable or not. */
std::string text(const Observation &read);

}  // namespace klass::guest
