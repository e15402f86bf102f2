// SPDX-License-Identifier: Apache-2.0
// The agent, the snapshot and its clones, with a real QEMU and the debug kernel.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "guest/interface.h"
#include "guest/process.h"
#include "judge/lab.h"
#include "kernel/kbuild.h"
#include "util/error.h"
#include "util/scoped_fd.h"
#include "util/subprocess.h"
#include "util/temporary_folder.h"

namespace klass::judge {
namespace {

using guest::Guest;
using guest::Memory;
using guest::Observation;
using testing::HasSubstr;
using testing::SizeIs;

/** One lab and one pool for all tests: each test takes a clone of its own. */
class GuestVm : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        progress = progress_to(2);
        lab = std::make_unique<Lab>(Paths::from_environment(), *progress, vm::AcceleratorWish::tcg);
        pool = std::make_unique<vm::ClonePool>(lab->snapshot({}), 1);
    }
    static void TearDownTestSuite() {
        pool.reset();
        lab.reset();
    }

    GuestVm() : guest(clone(*pool, 7)), process(guest.process()) {}

    guest::File file_at(const std::string &path, int flags) {
        const Observation opened = process.open(path, flags);
        EXPECT_TRUE(opened.ok()) << opened.line();
        return process.as_file(opened, path);
    }

    static inline std::unique_ptr<Progress> progress;
    static inline std::unique_ptr<Lab> lab;
    static inline std::unique_ptr<vm::ClonePool> pool;
    Guest guest;
    guest::Process process;
};

TEST_F(GuestVm, IsTheCourseKernel) {
    EXPECT_EQ(guest.hello(std::chrono::seconds{10}), lab->kernel(kernel::Flavour::debug).release);
    EXPECT_THAT(guest::text(process.read_file("/proc/version")), HasSubstr("-klass-debug"));
}

TEST_F(GuestVm, WhatOneCloneWritesNoOtherSees) {
    auto file = file_at("/tmp", O_RDONLY);
    const Observation made = process.open("/tmp/mark", O_CREAT | O_RDWR, 0600);
    ASSERT_TRUE(made.ok());
    Guest other = clone(*pool, 8);
    guest::Process there = other.process();
    EXPECT_EQ(there.stat("/tmp/mark").error, ENOENT);
    EXPECT_TRUE(process.stat("/tmp/mark").ok());
}

TEST_F(GuestVm, ErrnoIsExact) {
    const Observation missing = process.open("/no/such/file", O_RDONLY);
    EXPECT_EQ(missing.result, -1);
    EXPECT_EQ(missing.error, ENOENT);
    auto zero = file_at("/dev/zero", O_RDONLY);
    EXPECT_EQ(zero.read(Memory::at(0x1000, 8)).error, EFAULT);
    EXPECT_EQ(zero.ioctl_value(0x1234, 0).error, ENOTTY);
}

TEST_F(GuestVm, FilesAreReadWrittenAndSought) {
    const Observation made = process.open("/tmp/file", O_CREAT | O_RDWR, 0600);
    auto file = process.as_file(made, "/tmp/file");
    EXPECT_EQ(file.write(to_bytes("hello, kernel")).result, 13);
    EXPECT_EQ(file.seek(-6, SEEK_END).result, 7);
    EXPECT_EQ(file.read(100).got(), to_bytes("kernel"));
    EXPECT_EQ(file.pwrite(to_bytes("J"), 0).result, 1);
    EXPECT_EQ(file.pread(5, 0).got(), to_bytes("Jello"));
    EXPECT_EQ(file.truncate(2).result, 0);
    EXPECT_EQ(file.pread(5, 0).got(), to_bytes("Je"));
    EXPECT_EQ(file.sync().result, 0);
    EXPECT_EQ(file.close().result, 0);
    EXPECT_EQ(process.unlink("/tmp/file").result, 0);
}

TEST_F(GuestVm, MappingsAreReadAndWritten) {
    const Observation made = process.open("/tmp/map", O_CREAT | O_RDWR, 0600);
    auto file = process.as_file(made, "/tmp/map");
    file.write(Bytes(4096, 'a'));
    const Observation map = file.mmap(4096, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
    ASSERT_TRUE(map.ok()) << map.line();
    const auto handle = static_cast<std::uint32_t>(map.result);
    EXPECT_EQ(process.poke(handle, 10, to_bytes("xyz")).result, 3);
    EXPECT_EQ(process.peek(handle, 9, 5).data, to_bytes("axyza"));
    EXPECT_EQ(file.pread(3, 10).got(), to_bytes("xyz"));
    EXPECT_EQ(process.peek(handle, 4090, 100).error, EINVAL);
    EXPECT_EQ(process.munmap(handle).result, 0);
}

TEST_F(GuestVm, SocketsSpeakToEachOther) {
    const auto socket_at = [&](guest::Process &owner) {
        const Observation made = owner.socket(AF_INET, SOCK_DGRAM, 0);
        EXPECT_TRUE(made.ok()) << made.line();
        return owner.as_file(made, "UDP");
    };
    guest::Process other = guest.process();
    guest::File here = socket_at(process);
    guest::File there = socket_at(other);
    const Bytes address = guest::socket_address("127.0.0.1", 4711);
    EXPECT_EQ(here.connect(address, "lo").error, ENETUNREACH);
    EXPECT_EQ(guest::Interface(here, "lo").set_up(true).result, 0);
    EXPECT_EQ(guest::Interface(here, "none0").set_up(true).error, ENODEV);
    EXPECT_EQ(there.bind(address, "lo").result, 0);
    EXPECT_EQ(here.connect(address, "lo").result, 0);
    EXPECT_EQ(here.bind(Bytes(500, 0), "too long").error, EINVAL);
    EXPECT_EQ(here.start_writes(Memory::of(to_bytes("twice")), 2).wait().times, 2U);
    EXPECT_EQ(there.read(100).got(), to_bytes("twice"));
    EXPECT_EQ(there.read(100).got(), to_bytes("twice"));
}

// The kernel's log at its end: its reader sleeps, is seen to, and a signal ends it.
TEST_F(GuestVm, BlockedReaderIsSeenAndKilled) {
    guest::Process reader = guest.process();
    const Observation opened = reader.open("/dev/kmsg", O_RDONLY);
    ASSERT_TRUE(opened.ok()) << opened.line();
    auto log = reader.as_file(opened, "/dev/kmsg");
    EXPECT_EQ(log.seek(0, SEEK_END).result, 0);
    EXPECT_EQ(log.poll(POLLIN, 0).result & POLLIN, 0);
    guest::Pending pending = log.start_read(8192);
    EXPECT_TRUE(pending.blocks());
    const auto where = reader.whereabouts();
    ASSERT_TRUE(where.has_value());
    EXPECT_TRUE(where->sleeps());
    EXPECT_EQ(where->system_call, 0);  // read(2)
    EXPECT_THAT(testing::PrintToString(where->stack), HasSubstr("devkmsg_read"));
    EXPECT_EQ(pending.wait(std::chrono::milliseconds{50}).state, Observation::State::pending);
    EXPECT_TRUE(reader.signal(SIGKILL).ok());
}

TEST_F(GuestVm, KilledProcessIsReportedAsSuch) {
    guest::Process sleeper = guest.process();
    const auto ticket =
        guest.send(sleeper.actor(),
                   {"sleep", [](auto operation) { operation.setSleep(3600'000'000'000ULL); }});
    guest::Pending pending(guest, ticket);
    EXPECT_TRUE(pending.blocks());
    sleeper.signal(SIGKILL);
    const Observation end = pending.wait();
    EXPECT_EQ(end.state, Observation::State::killed);
    EXPECT_EQ(end.signal, SIGKILL);
}

TEST_F(GuestVm, RunsAProgramWithItsOutput) {
    const Observation ran = process.run({"/bin/busybox", "cat", "-"}, "from the host");
    ASSERT_TRUE(ran.ok()) << ran.line();
    EXPECT_EQ(ran.result, 0);
    EXPECT_EQ(guest::text(ran), "from the host");
    EXPECT_NE(process.run({"/no/such/program"}).result, 0);
}

TEST_F(GuestVm, KernelLogHasSequenceNumbers) {
    guest.kernel_log();
    ASSERT_TRUE(process.write_file("/dev/kmsg", "<5>first\n").ok());
    ASSERT_TRUE(process.write_file("/dev/kmsg", "<5>second\n").ok());
    const auto records = guest.kernel_log();
    ASSERT_THAT(records, SizeIs(2));
    EXPECT_THAT(records[0], HasSubstr(";first"));
    EXPECT_THAT(records[1], HasSubstr(";second"));
    const auto sequence = [](const std::string &record) {
        return std::stoul(record.substr(record.find(',') + 1));
    };
    EXPECT_EQ(sequence(records[1]), sequence(records[0]) + 1);
}

TEST_F(GuestVm, OperationsAreRepeatedAndTimedInTheGuest) {
    auto zero = file_at("/dev/zero", O_RDONLY);
    const Observation many = zero.read_times(64, 0, 100);
    EXPECT_EQ(many.times, 100U);
    EXPECT_GT(many.nanoseconds, 0U);
    EXPECT_EQ(many.got(), Bytes(64, 0));
}

TEST_F(GuestVm, ProcessCanBecomeAnOrdinaryUser) {
    guest::Process user = guest.process();
    EXPECT_EQ(user.become(1000).result, 0);
    EXPECT_EQ(user.open("/dev/mem", O_RDWR).ok(), false);
    EXPECT_EQ(user.write_file("/proc/sys/kernel/panic", "1").error, EACCES);
}

TEST_F(GuestVm, HostCanAskAKernelWhereItIs) {
    guest.interrogate();
    EXPECT_TRUE(guest.ended());
    EXPECT_THAT(guest.console(), HasSubstr("NMI"));
    EXPECT_EQ(process.read_file("/proc/version").state, Observation::State::lost);
}

// More than the socket to QEMU holds.
const Bytes large_image(std::size_t{2} << 20);

TEST_F(GuestVm, GuestThatStopsToReadIsWaitedForNoLongerThanForAnAnswer) {
    guest.set_patience(std::chrono::milliseconds{200});
    kill(guest.machine().pid(), SIGSTOP);
    guest::Pending loading = process.start_load_module("large", large_image);
    EXPECT_TRUE(guest.machine().sending());
    EXPECT_EQ(loading.wait().state, Observation::State::pending);
    // When it reads again, it gets the rest.
    kill(guest.machine().pid(), SIGCONT);
    EXPECT_EQ(loading.wait(std::chrono::seconds{30}).error, ENOEXEC);
    EXPECT_FALSE(guest.machine().sending());
}

TEST_F(GuestVm, GuestThatEndsWhileItIsSentToIsLost) {
    kill(guest.machine().pid(), SIGSTOP);
    std::thread killer([pid = guest.machine().pid()] {
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
        kill(pid, SIGKILL);
    });
    EXPECT_EQ(process.load_module("large", large_image).state, Observation::State::lost);
    killer.join();
}

TEST_F(GuestVm, SendingCanBeInterrupted) {
    handle_interrupts();
    kill(guest.machine().pid(), SIGSTOP);
    std::thread stopper([] {
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
        stop_work();
    });
    EXPECT_THROW(process.load_module("large", large_image), Interrupted);
    stopper.join();
    allow_work();
}

TEST_F(GuestVm, WhatTheProtocolDoesNotAllowIsNotSent) {
    const Bytes image(protocol::limit_words * sizeof(capnp::word));
    EXPECT_THROW(process.load_module("large", image), GraderFault);
    EXPECT_TRUE(process.read_file("/proc/version").ok());
}

TEST_F(GuestVm, LargestModuleIsTaken) {
    EXPECT_EQ(process.load_module("large", Bytes(kernel::largest_module_image)).error, ENOEXEC);
}

TEST_F(GuestVm, ManyProcessesAtOnce) {
    std::vector<guest::Process> processes;
    for (int i = 0; i < 50; ++i)
        processes.push_back(guest.process());
    for (guest::Process &each : processes)
        EXPECT_TRUE(each.read_file("/proc/uptime").ok());
}

TEST_F(GuestVm, RacersBeginWhenTheyAreToldAndStopWhenTheyAreLate) {
    guest::Process other = guest.process();
    guest::File first = file_at("/dev/zero", O_RDONLY);
    const Observation opened = other.open("/dev/zero", O_WRONLY);
    guest::File second = other.as_file(opened, "/dev/zero");
    const auto lead = std::chrono::milliseconds{200};
    const auto tickets = guest.race({first.racing_read(8, std::chrono::microseconds{50}),
                                     second.racing_write(guest::Memory::of({1, 2}), {})},
                                    lead);
    ASSERT_EQ(tickets.size(), 2U);
    EXPECT_EQ(guest.await(tickets[0]).result, 8);
    EXPECT_EQ(guest.await(tickets[1]).result, 2);
    // A busy racer, and one whose rounds are closer than they can be.
    guest::Racer hurried = first.racing_read(64 << 10, {});
    hurried.rounds = 1000;
    hurried.period = std::chrono::nanoseconds{1};
    const auto late = guest.race({hurried}, lead);
    EXPECT_THROW(guest.race({first.racing_read(1, {})}, lead), GraderFault);
    const Observation stopped = guest.await(late[0]);
    EXPECT_EQ(stopped.error, ETIME);
    EXPECT_EQ(stopped.times, 1U);
    // Back among the others: it can be called as before.
    EXPECT_EQ(first.read(3).result, 3);
}

TEST_F(GuestVm, SnapshotIsReadByAllAndWrittenByItsMakerAlone) {
    if (geteuid() != 0)
        GTEST_SKIP() << "only root can become another user";
    const TemporaryFolder cache("test");
    std::filesystem::permissions(cache.path(), std::filesystem::perms(0755));
    const std::string key = "0123456789abcdef";
    const auto others_can_open = [&](const char *file, int flags) {
        const auto path = cache.path() / "snapshot" / key / file;
        const pid_t other = fork();
        if (other == 0) {
            const bool opens =
                setresuid(12345, 12345, 12345) == 0 && ScopedFd(open(path.c_str(), flags)).valid();
            _exit(opens ? 0 : 1);
        }
        int status = -1;
        waitpid(other, &status, 0);
        return status == 0;
    };
    const auto snapshot = vm::SnapshotStore(cache.path(), *progress)
                              .obtain(lab->spec({}), "a test", {}, key, [&](vm::Machine &) {
                                  EXPECT_TRUE(std::filesystem::exists(cache.path() / "snapshot" /
                                                                      key / "making/ram"));
                                  EXPECT_FALSE(others_can_open("making/ram", O_RDWR));
                                  EXPECT_FALSE(others_can_open("making/state", O_RDWR));
                                  return std::string("a note");
                              });
    for (const char *file : {"ram", "state", "kernel-stub", "note"}) {
        EXPECT_TRUE(others_can_open(file, O_RDONLY)) << file;
        EXPECT_FALSE(others_can_open(file, O_RDWR)) << file;
    }
    vm::Machine machine = snapshot->start_waiting();
    snapshot->resume(machine);
    EXPECT_FALSE(machine.ended());
}

TEST_F(GuestVm, ClockIsSetToTheHosts) {
    const Observation seconds = process.run({"/bin/busybox", "date", "+%s"});
    EXPECT_NEAR(std::stod(guest::text(seconds)), static_cast<double>(time(nullptr)), 60);
}

}  // namespace
}  // namespace klass::judge
