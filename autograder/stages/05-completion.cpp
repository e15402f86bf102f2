// SPDX-License-Identifier: Apache-2.0
// Stage 05: a device to wait on. What it must do: exercises/05-completion/README.md.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "judge/trial.h"
#include "stages/all_stages.h"

namespace klass::stages {

namespace {

using namespace std::chrono_literals;
using guest::Pending;
using judge::Trial;

constexpr const char *node = "/dev/completion";
constexpr std::size_t count = 16;

/** A process of its own with the device open. */
struct Opener {
    explicit Opener(Trial &t, int flags = O_RDWR)
        : process(t.another_process()), file(t.open(process, node, flags)) {}

    guest::Process process;
    guest::File file;
};

/** A read by this process that sleeps. */
Pending sleeping_read(Trial &t, Opener &reader) {
    Pending read = reader.file.start_read(count);
    t.expect_blocks(read);
    return read;
}

/** Loads the module and opens the device in the check's first process. */
guest::File loaded(Trial &t, int flags = O_RDWR) {
    t.load("completion");
    return t.open(node, flags);
}

void write_one(Trial &t, guest::File &file) {
    // Never 1, which a driver that counts bytes would get right.
    const Bytes bytes = t.random().bytes(t.random().between(2, 300));
    t.expect(file.write(bytes)).returns(static_cast<std::int64_t>(bytes.size()));
}

void node_appears(Trial &t) {
    for (int cycle = 0; cycle < 2; ++cycle) {
        auto device = loaded(t);
        const auto status = t.expect(t.process().stat(node)).succeeds();
        t.expect_that(S_ISCHR(static_cast<mode_t>(status.value())),
                      fmt::format("{} is a character device", node),
                      fmt::format("its st_mode is {:#o}", status.value()));
        t.expect(device.close()).returns(0);
        t.unload("completion");
        t.expect(t.process().stat(node)).fails_with(ENOENT);
    }
    t.expect_nothing_left();
}

void reader_sleeps(Trial &t) {
    t.load("completion");
    Opener reader(t, O_RDONLY);
    const Pending read = sleeping_read(t, reader);
    const auto where = reader.process.whereabouts();
    t.expect_that(where && where->state == 'S', "the reader sleeps in state S, as ps shows it",
                  fmt::format("it is in state {}", where ? where->state : '?'));
}

void write_wakes(Trial &t) {
    auto writer = loaded(t, O_WRONLY);
    Opener reader(t, O_RDONLY);
    Pending read = sleeping_read(t, reader);
    write_one(t, writer);
    const auto woken = t.expect(read.wait()).returns(0);
    const Bytes &memory = woken.observation().data;
    t.expect_that(memory == Bytes(memory.size(), 0xA5), "read stores nothing",
                  "the reader's memory was written to");
}

/** Waits until one of these reads has returned, which must be with 0, and takes it out. */
void expect_one_woken(Trial &t, std::vector<Pending> &reads) {
    const auto deadline = t.guest().now() + guest::default_patience;
    while (t.guest().now() < deadline) {
        for (auto read = reads.begin(); read != reads.end(); ++read)
            if (read->returned()) {
                t.expect(read->wait()).returns(0);
                reads.erase(read);
                return;
            }
        std::this_thread::sleep_for(2ms);
    }
    t.expect_that(false, fmt::format("one of the {} sleeping readers wakes", reads.size()),
                  "none of them woke");
}

void wakes_one(Trial &t) {
    auto writer = loaded(t, O_WRONLY);
    std::vector<Opener> readers;
    std::vector<Pending> reads;
    const std::uint64_t number = t.random().between(3, 6);
    readers.reserve(number);
    for (std::uint64_t i = 0; i < number; ++i) {
        readers.emplace_back(t, O_RDONLY);
        reads.push_back(sleeping_read(t, readers.back()));
    }
    while (!reads.empty()) {
        write_one(t, writer);
        expect_one_woken(t, reads);
        for (Pending &read : reads)
            t.expect_blocks(read);
    }
}

void writes_before_reads(Trial &t) {
    auto device = loaded(t);
    const std::uint64_t number = t.random().between(2, 5);
    for (std::uint64_t i = 0; i < number; ++i)
        write_one(t, device);
    for (std::uint64_t i = 0; i < number; ++i)
        t.expect(device.read(count)).returns(0);
    Opener reader(t, O_RDONLY);
    Pending read = sleeping_read(t, reader);
    write_one(t, device);
    t.expect(read.wait()).returns(0);
}

void any_opener(Trial &t) {
    t.load("completion");
    Opener reader(t, O_RDONLY);
    Pending read = sleeping_read(t, reader);
    t.expect(t.open(node, O_RDWR).close()).returns(0);
    auto writer = t.open(node, O_WRONLY);
    write_one(t, writer);
    t.expect(read.wait()).returns(0);
    write_one(t, writer);
    t.expect(writer.close()).returns(0);
    auto late = t.open(node, O_RDONLY);
    t.expect(late.read(count)).returns(0);
}

void zero_write(Trial &t) {
    auto device = loaded(t);
    t.expect(device.write(Bytes{})).returns(0);
    Opener reader(t, O_RDONLY);
    Pending read = sleeping_read(t, reader);
    t.expect(device.write(Bytes{})).returns(0);
    t.expect_blocks(read);
    write_one(t, device);
    t.expect(read.wait()).returns(0);
}

void nonblock(Trial &t) {
    auto device = loaded(t, O_RDWR | O_NONBLOCK);
    t.expect(device.read(count)).fails_with(EAGAIN);
    write_one(t, device);
    write_one(t, device);
    t.expect(device.read(count)).returns(0);
    t.expect(device.read(count)).returns(0);
    t.expect(device.read(count)).fails_with(EAGAIN);
}

void poll_tells(Trial &t) {
    auto device = loaded(t);
    const auto expect_events = [&](short events, const char *meaning) {
        const auto got = t.expect(device.poll(POLLIN | POLLOUT, 0)).succeeds().value();
        t.expect_that(got == events, fmt::format("poll says {}", meaning),
                      fmt::format("it says {:#x}", got));
    };
    expect_events(POLLOUT, "writable, and not readable before a write");
    write_one(t, device);
    expect_events(POLLIN | POLLOUT, "readable and writable after a write");
    t.expect(device.read(count)).returns(0);
    expect_events(POLLOUT, "writable, and not readable once the write was taken");
    Opener watcher(t, O_RDONLY);
    Pending poll = watcher.file.start_poll(POLLIN, -1);
    t.expect_blocks(poll);
    write_one(t, device);
    t.expect(poll.wait()).returns(POLLIN);
}

void signal_ends_wait(Trial &t) {
    auto device = loaded(t, O_RDWR | O_NONBLOCK);
    Opener reader(t, O_RDONLY);
    Pending read = sleeping_read(t, reader);
    // The process has a handler for it, without SA_RESTART.
    t.expect(reader.process.signal(SIGUSR1)).returns(0);
    t.expect(read.wait()).fails_with(EINTR);
    t.expect(device.read(count)).fails_with(EAGAIN);
    write_one(t, device);
    t.expect(device.read(count)).returns(0);
    t.expect(device.read(count)).fails_with(EAGAIN);
}

void killed_reader(Trial &t) {
    auto writer = loaded(t, O_WRONLY);
    Opener victim(t, O_RDONLY);
    Pending read = sleeping_read(t, victim);
    t.expect(victim.process.signal(SIGKILL)).returns(0);
    const guest::Observation end = read.wait();
    t.expect_that(end.state == guest::Observation::State::killed,
                  "a reader that is killed while it sleeps ends",
                  fmt::format("its {} {}", end.what, end.outcome()));
    Opener reader(t, O_RDONLY);
    Pending next = sleeping_read(t, reader);
    write_one(t, writer);
    t.expect(next.wait()).returns(0);
}

/** How often a process has been on the processor, by proc_pid_status(5). */
std::uint64_t context_switches(Trial &t, int pid) {
    const std::string status = t.read_text(fmt::format("/proc/{}/status", pid));
    std::uint64_t sum = 0;
    for (const char *key : {"\nvoluntary_ctxt_switches:", "\nnonvoluntary_ctxt_switches:"}) {
        const std::size_t at = status.find(key);
        if (at != std::string::npos)
            sum += std::strtoull(status.c_str() + at + std::string_view(key).size(), nullptr, 10);
    }
    return sum;
}

void no_busy_wait(Trial &t) {
    t.load("completion");
    Opener reader(t, O_RDONLY);
    const Pending read = sleeping_read(t, reader);
    const auto before = reader.process.whereabouts();
    t.expect_that(before.has_value(), "the reader is there", "it is gone");
    const std::uint64_t switches = context_switches(t, before->pid);
    t.expect(t.process().sleep(600ms)).returns(0);
    const auto after = reader.process.whereabouts();
    t.expect_that(after.has_value(), "the reader is there", "it is gone");
    const std::uint64_t ticks =
        after->user_ticks + after->system_ticks - before->user_ticks - before->system_ticks;
    t.expect_that(ticks <= 2, "a sleeping reader uses no processor time",
                  fmt::format("in 0.6 s it used {} ms", ticks * 10));
    const std::uint64_t woken = context_switches(t, before->pid) - switches;
    t.expect_that(woken <= 2, "a sleeping reader is not woken while there is nothing for it",
                  fmt::format("in 0.6 s it was woken {} times", woken));
}

void busy_while_waiting(Trial &t) {
    auto writer = loaded(t, O_WRONLY);
    Opener reader(t, O_RDONLY);
    Pending read = sleeping_read(t, reader);
    t.expect(writer.close()).returns(0);
    // delete_module(2) says EWOULDBLOCK while a module is in use.
    t.expect(t.try_unload("completion")).fails_with(EWOULDBLOCK);
    auto again = t.open(node, O_WRONLY);
    write_one(t, again);
    t.expect(read.wait()).returns(0);
    t.expect(reader.file.close()).returns(0);
    t.expect(again.close()).returns(0);
    t.unload("completion");
}

// In each round some reads and some writes begin within a few microseconds, each
// in a process of its own, and interrupt each other where the clock wants it.
// Whatever then still sleeps is woken, so that every read must come back. What
// was written and not read is counted along.
void interleavings(Trial &t) {
    constexpr int rounds = 1000;
    constexpr std::uint64_t most_kept = 5;
    constexpr std::uint64_t window = 25000;
    auto device = loaded(t, O_RDWR | O_NONBLOCK);
    std::vector<Opener> readers;
    std::vector<Opener> writers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back(t, O_RDONLY);
        writers.emplace_back(t, O_WRONLY);
    }
    const guest::Memory byte = guest::Memory::of({1});
    const auto instant = [&] { return std::chrono::nanoseconds(t.random().between(0, window)); };
    std::uint64_t kept = 0;
    for (int round = 0; round < rounds; ++round) {
        const std::uint64_t reads = t.random().between(1, readers.size());
        const std::uint64_t writes = t.random().between(0, writers.size());
        std::vector<guest::Racer> racers;
        for (std::uint64_t i = 0; i < reads; ++i)
            racers.push_back(readers[i].file.racing_read(count, instant()));
        for (std::uint64_t i = 0; i < writes; ++i)
            racers.push_back(writers[i].file.racing_write(byte, instant()));
        std::vector<Pending> running = t.race(racers);
        for (std::uint64_t i = reads; i < running.size(); ++i)
            t.expect(running[i].wait()).returns(1);
        for (kept += writes; kept < reads; ++kept)
            t.expect(device.write({1})).returns(1);
        for (std::uint64_t i = 0; i < reads; ++i)
            t.expect(running[i].wait()).returns(0);
        kept -= reads;
        if (kept > most_kept || round == rounds - 1) {
            for (; kept > 0; --kept)
                t.expect(device.read(count)).returns(0);
            t.expect(device.read(count)).fails_with(EAGAIN);
        }
    }
}

// One reader and one writer meet again and again, and each time the writer comes
// two instructions later. So it comes, among all the others, in the gap that a
// driver has which looks first and sleeps then.
void no_gap(Trial &t) {
    constexpr std::uint32_t rounds = 3500;
    constexpr auto step = 4ns;
    constexpr auto earliest = 2us;
    constexpr auto period = 200us;
    t.load("completion");
    const Opener reader(t, O_RDONLY);
    const Opener writer(t, O_WRONLY);
    guest::Racer read = reader.file.racing_read(count, 0ns);
    guest::Racer write = writer.file.racing_write(guest::Memory::of({1}), earliest);
    read.rounds = write.rounds = rounds;
    read.period = period;
    write.period = period + step;
    std::vector<Pending> running = t.race({read, write});
    const guest::Observation met = running[0].wait(60s);
    t.expect_that(met.error != ETIME, "each write wakes the reader that is about to sleep",
                  fmt::format("in meeting {} of {} the write came {} ns after the reader had been "
                              "started, and the reader slept on",
                              met.times, rounds, (earliest + step * (met.times - 1)).count()));
    t.expect(met).returns(0);
    t.expect(running[1].wait(60s)).returns(1);
}

}  // namespace

judge::Stage completion() {
    judge::Stage stage("05-completion");
    stage.check("node-appears", node_appears)
        .check("reader-sleeps", reader_sleeps)
        .check("write-wakes", write_wakes)
        .check("wakes-one", wakes_one)
        .check("writes-before-reads", writes_before_reads)
        .check("any-opener", any_opener)
        .check("zero-write", zero_write)
        .check("nonblock", nonblock)
        .check("poll", poll_tells)
        .check("signal-ends-wait", signal_ends_wait)
        .check("killed-reader", killed_reader)
        .check("no-busy-wait", no_busy_wait)
        .check("busy-while-waiting", busy_while_waiting)
        .check("interleavings", interleavings)
        .check("no-gap", no_gap);
    return stage;
}

}  // namespace klass::stages
