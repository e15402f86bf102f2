// SPDX-License-Identifier: Apache-2.0
// Stage 06: memory for programs and for modules. What it must do: exercises/06-mymem/README.md.
#include <06-mymem/mymem_caller.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "judge/trial.h"
#include "stages/all_stages.h"

namespace klass::stages {

namespace {

using guest::Memory;
using guest::Pending;
using judge::Trial;
using namespace std::chrono_literals;

constexpr const char *node = "/dev/mymem";
// Of kmod/consumers/mymem_caller: what a program asks of it, it asks of mymem in the kernel.
constexpr const char *caller_node = "/dev/mymem_caller";
constexpr std::int64_t size = 524288;
// Below every mapping of a process (vm.mmap_min_addr): no page is ever there.
constexpr std::uint64_t bad_address = 0x1000;
constexpr std::uint64_t first_count = 0xdeadbeef;

guest::File loaded(Trial &t) {
    t.load("mymem");
    return t.open(node, O_RDWR);
}

/** Loads the consumer that calls what the submission exports. */
guest::File caller(Trial &t) {
    t.load("mymem_caller");
    return t.open(caller_node, O_RDWR);
}

Bytes head(const Bytes &bytes, std::int64_t count) {
    return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count)};
}

mymem_call call_mymem(Trial &t, guest::File &caller, mymem_call call) {
    const auto answer = t.expect(caller.ioctl(MYMEM_CALL, Memory::of(bytes_of_struct(call))))
                            .returns(0)
                            .observation();
    std::memcpy(&call, answer.data.data(), std::min(sizeof call, answer.data.size()));
    return call;
}

std::string text_of(const mymem_call &call) {
    return fmt::format("mymem_{}(buffer, {:#x}, {:#x})", call.write != 0 ? "write" : "read",
                       call.len, call.pos);
}

void expect_call(Trial &t, guest::File &caller, bool write, std::int64_t pos, std::uint64_t len,
                 std::int64_t result) {
    const mymem_call done =
        call_mymem(t, caller, {.pos = pos, .len = len, .write = write, .times = 1});
    t.expect_that(done.result == result, fmt::format("{} returns {}", text_of(done), result),
                  fmt::format("it returned {}", static_cast<std::int64_t>(done.result)));
}

std::uint64_t counter(Trial &t, guest::File &device) {
    const auto read = t.expect(device.pread(sizeof(std::uint64_t), 0)).returns(8).observation();
    std::uint64_t value = 0;
    std::memcpy(&value, read.data.data(), std::min(sizeof value, read.data.size()));
    return value;
}

void expect_counter(Trial &t, guest::File &device, std::uint64_t expected) {
    const std::uint64_t got = counter(t, device);
    t.expect_that(
        got == expected, fmt::format("the counter stands at {}", grouped(expected)),
        fmt::format("it stands at {}: {}", grouped(got),
                    got < expected ? fmt::format("{} increments are lost", grouped(expected - got))
                                   : std::string("that is too many")));
}

void node_appears(Trial &t) {
    for (int cycle = 0; cycle < 2; ++cycle) {
        t.load("mymem");
        const std::int64_t mode = t.expect(t.process().stat(node)).succeeds().value();
        t.expect_that(mode == (S_IFCHR | 0666), "/dev/mymem is a character device of mode 0666",
                      fmt::format("its type and mode are {:o}", mode));
        t.unload("mymem");
        t.expect(t.process().stat(node)).fails_with(ENOENT);
    }
}

void fresh_memory(Trial &t) {
    auto device = loaded(t);
    t.expect(device.read(size + 1)).gives(Bytes(size, 0));
    t.expect(device.read(1)).gives_end_of_file();
}

void reads_back(Trial &t) {
    auto device = loaded(t);
    Bytes image(size, 0);
    for (int i = 0; i < 12; ++i) {
        const Bytes data = t.random().bytes(t.random().between(1, 9000));
        const auto length = static_cast<std::int64_t>(data.size());
        const auto at = static_cast<std::int64_t>(t.random().between(0, size - data.size()));
        t.expect(device.pwrite(data, at)).returns(length);
        std::copy(data.begin(), data.end(), image.begin() + at);
    }
    t.expect(device.read(size)).gives(image);
    t.expect(t.open(node, O_RDONLY).read(size)).gives(image);
}

void positions(Trial &t) {
    auto device = loaded(t);
    auto other = t.open(node, O_RDWR);
    const Bytes one = t.random().bytes(100);
    const Bytes two = t.random().bytes(50);
    t.expect(device.write(one)).returns(100);
    t.expect(device.write(two)).returns(50);
    t.expect(device.seek(0, SEEK_CUR)).returns(150);
    t.expect(other.read(100)).gives(one);
    t.expect(other.read(50)).gives(two);
    t.expect(device.seek(100, SEEK_SET)).returns(100);
    t.expect(device.read(50)).gives(two);
}

void end_of_memory(Trial &t) {
    auto device = loaded(t);
    const Bytes data = t.random().bytes(64);
    const auto there = static_cast<std::int64_t>(t.random().between(1, 63));
    t.expect(device.pwrite(data, size - there)).returns(there);
    t.expect(device.pread(64, size - there)).gives(head(data, there));
    t.expect(device.pwrite(data, size)).fails_with(ENOSPC);
    t.expect(device.pread(64, size)).gives_end_of_file();
    for (const std::int64_t far : {std::int64_t{1} << 32, std::int64_t{0x7fffffffffffff00}}) {
        t.expect(device.pwrite(data, far)).fails_with(ENOSPC);
        t.expect(device.pread(64, far)).gives_end_of_file();
    }
    t.expect(device.pwrite({}, 5)).returns(0);
    t.expect(device.pread(0, 5)).returns(0);
    t.expect(device.pread(64, 0)).gives(Bytes(64, 0));
}

void seek(Trial &t) {
    auto device = loaded(t);
    const auto at = static_cast<std::int64_t>(t.random().between(1000, size - 1000));
    t.expect(device.seek(0, SEEK_END)).returns(size);
    t.expect(device.seek(-1, SEEK_END)).returns(size - 1);
    t.expect(device.seek(at, SEEK_SET)).returns(at);
    t.expect(device.seek(-7, SEEK_CUR)).returns(at - 7);
    t.expect(device.seek(-1, SEEK_SET)).fails_with(EINVAL);
    t.expect(device.seek(-size - 1, SEEK_END)).fails_with(EINVAL);
    t.expect(device.seek(size + 1, SEEK_SET)).fails_with(EINVAL);
    t.expect(device.seek(1, SEEK_END)).fails_with(EINVAL);
    t.expect(device.seek(0, SEEK_CUR)).returns(at - 7);
}

void bad_address_is_told(Trial &t) {
    auto device = loaded(t);
    const Bytes data = t.random().bytes(300);
    t.expect(device.write(data)).returns(300);
    t.expect(device.write(Memory::at(bad_address, 500))).fails_with(EFAULT);
    t.expect(device.seek(0, SEEK_CUR)).returns(300);
    t.expect(device.seek(0, SEEK_SET)).returns(0);
    t.expect(device.read(Memory::at(bad_address, 500))).fails_with(EFAULT);
    t.expect(device.seek(0, SEEK_CUR)).returns(0);
    t.expect(device.read(300)).gives(data);
}

void exports(Trial &t) {
    auto device = loaded(t);
    auto kernel = caller(t);
    for (int i = 0; i < 4; ++i) {
        const Bytes data = t.random().bytes(t.random().between(1, 9000));
        const auto length = static_cast<std::int64_t>(data.size());
        const auto at = static_cast<std::int64_t>(t.random().between(0, size - data.size()));
        auto &writer = i % 2 == 0 ? device : kernel;
        auto &reader = i % 2 == 0 ? kernel : device;
        t.expect(writer.pwrite(data, at)).returns(length);
        t.expect(reader.pread(data.size(), at)).gives(data);
    }
}

void api_bounds(Trial &t) {
    t.load("mymem");
    auto kernel = caller(t);
    constexpr std::uint64_t huge = UINT64_MAX;
    const auto inside = static_cast<std::int64_t>(t.random().between(1, 4000));
    for (const bool write : {false, true}) {
        const std::int64_t beyond = write ? -ENOSPC : 0;
        expect_call(t, kernel, write, size - inside, 4096, inside);
        expect_call(t, kernel, write, size - inside, huge, inside);
        expect_call(t, kernel, write, size - inside, huge - inside, inside);
        expect_call(t, kernel, write, 0, huge, size);
        expect_call(t, kernel, write, size, 1, beyond);
        expect_call(t, kernel, write, size + inside, 4096, beyond);
        expect_call(t, kernel, write, INT64_MAX, huge, beyond);
        expect_call(t, kernel, write, std::int64_t{1} << 32, 1, beyond);
        expect_call(t, kernel, write, -inside, 8192, -EINVAL);
        expect_call(t, kernel, write, INT64_MIN, 1, -EINVAL);
        expect_call(t, kernel, write, inside, 0, 0);
    }
}

void load_order(Trial &t) {
    t.expect(t.try_load("mymem_test")).fails_with(ENOENT);
    t.expect_log("mymem_test: Unknown symbol mymem_");
    t.load("mymem");
    t.load("mymem_test");
    t.expect_log("mymem_test: counted to ", 10s);
    t.unload("mymem_test");
    t.unload("mymem");
}

// What a vendor with secrets would load.
void gpl_only(Trial &t) {
    t.load("mymem");
    t.load("mymem_closed");
    t.unload("mymem_closed");
    t.expect(t.try_load_closed("mymem_closed")).fails_with(ENOENT);
}

void in_use(Trial &t) {
    auto device = loaded(t);
    // delete_module(2) says EWOULDBLOCK while a module is in use.
    t.expect(t.try_unload("mymem")).fails_with(EWOULDBLOCK);
    t.expect(device.close()).returns(0);
    t.load("mymem_test", "workers=1 increments=1");
    t.expect_log("mymem_test: counted to ", 10s);
    t.expect(t.try_unload("mymem")).fails_with(EWOULDBLOCK);
    t.unload("mymem_test");
    t.unload("mymem");
}

// --- calls that meet

/** Where one of two that meet comes from. */
struct Side {
    guest::Process process;
    guest::File file;

    Side(Trial &t, const char *path)
        : process(t.another_process()), file(t.open(process, path, O_RDWR)) {}
};

constexpr std::size_t block = 65536;
constexpr unsigned parts = 8;

void expect_whole(Trial &t, const Bytes &got, std::initializer_list<std::uint8_t> allowed,
                  const std::string &what) {
    const bool known =
        !got.empty() && std::find(allowed.begin(), allowed.end(), got.front()) != allowed.end();
    const auto other = std::find_if(got.begin(), got.end(),
                                    [&](std::uint8_t byte) { return byte != got.front(); });
    t.expect_that(known && other == got.end(), fmt::format("{} is all of one write", what),
                  got.empty()
                      ? std::string("nothing came")
                      : fmt::format("its first {} are of one, and then come bytes of another",
                                    count_of_bytes(static_cast<std::size_t>(other - got.begin()))));
}

/** An eighth of the time that a write takes when nobody interrupts it, in ns. */
std::uint64_t part_of_write(Trial &t, Side &side) {
    return t.expect(side.file.write_times(Bytes(block, 0), 0, 1))
               .returns(block)
               .observation()
               .nanoseconds /
           parts;
}

// Two calls begin so close that the second interrupts the first, at an instruction
// that the clock chooses: once in each eighth of the time that the first one
// takes, so that a copy without a lock is hit for certain.
void meet(Trial &t, Side &one, Side &two) {
    constexpr unsigned kinds = 3;
    const std::uint64_t part = part_of_write(t, one);
    std::uint8_t value = 0;
    for (unsigned round = 0; round < kinds * parts; ++round) {
        const std::chrono::nanoseconds later(round / kinds * part + t.random().between(0, part));
        const std::uint8_t old = value++;
        const std::uint8_t fresh = value++;
        const std::uint8_t newest = value;
        for (Side *side : {&one, &two})
            t.expect(side->file.seek(0, SEEK_SET)).returns(0);
        t.expect(one.file.pwrite(Bytes(block, old), 0)).returns(block);
        const auto write = [&](const Side &side, std::uint8_t byte,
                               std::chrono::nanoseconds after) {
            return side.file.racing_write(Memory::of(Bytes(block, byte)), after);
        };
        switch (round % kinds) {
            case 0: {  // a write interrupts a read
                auto running = t.race({one.file.racing_read(block, 0ns), write(two, fresh, later)});
                const auto read = running[0].wait();
                t.expect(read).returns(block);
                t.expect(running[1].wait()).returns(block);
                expect_whole(t, read.got(), {old, fresh}, "what was read during a write");
                break;
            }
            case 1: {  // a read interrupts a write
                auto running = t.race({write(one, fresh, 0ns), two.file.racing_read(block, later)});
                t.expect(running[0].wait()).returns(block);
                const auto read = running[1].wait();
                t.expect(read).returns(block);
                expect_whole(t, read.got(), {old, fresh}, "what was read during a write");
                break;
            }
            default: {  // a write interrupts a write
                auto running = t.race({write(one, fresh, 0ns), write(two, newest, later)});
                t.expect(running[0].wait()).returns(block);
                t.expect(running[1].wait()).returns(block);
                const auto read = one.file.pread(block, 0);
                t.expect(read).returns(block);
                expect_whole(t, read.got(), {fresh, newest}, "what two writes leave");
            }
        }
    }
}

void programs_meet(Trial &t) {
    t.load("mymem");
    Side one(t, node);
    Side two(t, node);
    meet(t, one, two);
}

void modules_meet(Trial &t) {
    t.load("mymem");
    t.load("mymem_caller");
    Side one(t, caller_node);
    Side two(t, caller_node);
    meet(t, one, two);
}

void both_meet(Trial &t) {
    t.load("mymem");
    t.load("mymem_caller");
    Side program(t, node);
    Side module(t, caller_node);
    meet(t, program, module);
    meet(t, module, program);
}

/** One of two calls that have no byte in common. */
struct Apart {
    Side &side;
    bool writes;
    std::int64_t at;
    Bytes bytes;

    void prepare(Trial &t) {
        if (!writes)
            t.expect(side.file.pwrite(bytes, at)).returns(length());
        t.expect(side.file.seek(at, SEEK_SET)).returns(at);
    }

    [[nodiscard]] guest::Racer racer(std::chrono::nanoseconds after) const {
        return writes ? side.file.racing_write(Memory::of(bytes), after)
                      : side.file.racing_read(bytes.size(), after);
    }

    void expect_own(Trial &t, Pending &running) {
        const auto done = running.wait();
        t.expect(done).returns(length());
        t.expect(writes ? side.file.pread(bytes.size(), at) : done).gives(bytes);
    }

  private:
    [[nodiscard]] std::int64_t length() const { return static_cast<std::int64_t>(bytes.size()); }
};

// As in meet(), but here it is not the memory that they share.
void meet_apart(Trial &t, Side &one, Side &two) {
    constexpr unsigned kinds = 4;
    const std::uint64_t part = part_of_write(t, one);
    for (unsigned round = 0; round < kinds * parts; ++round) {
        const std::chrono::nanoseconds later(round / kinds * part + t.random().between(0, part));
        Apart first{one, round % 2 != 0, 0, t.random().bytes(block)};
        Apart second{two, round % kinds < 2, size / 2,
                     t.random().bytes(t.random().between(block / 4, block / 2))};
        first.prepare(t);
        second.prepare(t);
        auto running = t.race({first.racer(0ns), second.racer(later)});
        first.expect_own(t, running[0]);
        second.expect_own(t, running[1]);
    }
}

// --- those who count

constexpr unsigned workers = 50;
constexpr unsigned increments = 150000;
// A lock that each call has to wait for costs a switch between threads each time.
constexpr auto counting_patience = 240s;
// Hours; and a number that an int can hold.
constexpr const char *for_ever = "increments=2000000000";

void counts_in_kernel(Trial &t) {
    t.guest().set_patience(25s);
    auto device = loaded(t);
    t.load("mymem_test", fmt::format("workers={} increments={}", workers, increments));
    const std::uint64_t expected = first_count + std::uint64_t{workers} * increments;
    t.expect_log("mymem_test: counted to ", counting_patience);
    expect_counter(t, device, expected);
    t.unload("mymem_test");
}

void counts_in_programs(Trial &t) {
    auto device = loaded(t);
    Pending run = t.process().start_run(
        {"/bin/mymem_count", std::to_string(workers), std::to_string(increments)});
    t.expect(run.wait(counting_patience)).returns(0);
    expect_counter(t, device, first_count + std::uint64_t{workers} * increments);
}

// One worker alone: whether several of them disturb each other is another question.
void counts_right(Trial &t) {
    auto device = loaded(t);
    const std::uint64_t some = t.random().between(100, 4000);
    t.load("mymem_test", fmt::format("workers=1 increments={}", some));
    t.expect_log(fmt::format("mymem_test: counted to {}, lost 0", first_count + some), 20s);
    expect_counter(t, device, first_count + some);
    t.unload("mymem_test");
}

// Each of them has bytes of its own, so that none has to wait for another one; what
// calls share behind their backs comes between them.
void many_callers(Trial &t) {
    constexpr std::uint32_t each = 3000;
    t.guest().set_patience(25s);
    auto device = loaded(t);
    auto kernel = caller(t);
    t.expect(kernel.ioctl(MYMEM_COUNT, Memory::of(bytes_of_struct(mymem_counting{workers, each}))))
        .returns(0);
    Bytes expected;
    for (unsigned i = 0; i < workers; ++i)
        for (unsigned byte = 0; byte < 8; ++byte)
            expected.push_back(static_cast<std::uint8_t>(std::uint64_t{each} >> (8 * byte)));
    t.expect(device.pread(expected.size(), 0)).gives(expected);
    Side one(t, caller_node);
    Side two(t, caller_node);
    meet_apart(t, one, two);
}

void unload_while_counting(Trial &t) {
    auto device = loaded(t);
    t.load("mymem_test", fmt::format("workers={} {}", t.random().between(2, 5), for_ever));
    const std::uint64_t early = counter(t, device);
    t.expect(t.process().sleep(50ms)).returns(0);
    const std::uint64_t late = counter(t, device);
    t.expect_that(late > early, "the workers count on after the load has returned",
                  fmt::format("the counter stands still at {}", grouped(early)));
    t.unload("mymem_test");
    const std::uint64_t left = counter(t, device);
    t.expect(t.process().sleep(50ms)).returns(0);
    expect_counter(t, device, left);
    t.expect(device.close()).returns(0);
    t.unload("mymem");
}

void failed_init(Trial &t) {
    // What misc_register() allocates is further down than what vzalloc() does.
    constexpr unsigned depth = 8;
    t.expect_clean_failure_of_each_allocation("mymem", {}, depth);
    t.expect_nothing_left();
    t.expect(t.process().stat(node)).fails_with(ENOENT);
    t.load("mymem");
    t.expect_clean_failure_of_each_allocation("mymem_test", for_ever);
    t.unload("mymem");
    t.expect_nothing_left();
}

void frees_everything(Trial &t) {
    auto device = loaded(t);
    t.load("mymem_test", "workers=3 increments=20");
    t.expect_log("mymem_test: counted to ", 10s);
    t.unload("mymem_test");
    t.expect(device.read(1000)).succeeds();
    t.expect(device.close()).returns(0);
    t.unload("mymem");
    t.expect_nothing_left();
}

// --- what it costs

// On the machine that counts instructions, each takes two nanoseconds.
constexpr double ns_per_instruction = 2;
constexpr std::array<std::uint64_t, 5> lengths = {1, 64, 1024, 65536, 524288};

// The least of several measurements is the one that no timer interrupted.
template <class Measure>
double instructions(std::uint64_t length, const Measure &measure) {
    constexpr int measurements = 5;
    const auto times =
        static_cast<std::uint32_t>(std::clamp<std::uint64_t>(65536 / length, 1, 200));
    double least = 0;
    for (int i = 0; i < measurements; ++i) {
        const double one = static_cast<double>(measure(times)) / times / ns_per_instruction;
        least = i == 0 ? one : std::min(least, one);
    }
    return least;
}

using judge::Curve;

double per_byte(const Curve &curve, std::size_t at) {
    return curve.values[at] / static_cast<double>(lengths[at]);
}

/** What one call in the kernel costs, for each length. */
Curve cost_in_kernel(Trial &t, guest::File &caller, bool write) {
    Curve curve{.name = write ? "mymem_write" : "mymem_read"};
    for (const std::uint64_t length : lengths)
        curve.values.push_back(instructions(length, [&](std::uint32_t times) {
            return call_mymem(t, caller, {.len = length, .write = write, .times = times})
                .nanoseconds;
        }));
    return curve;
}

double cost_of_call(Trial &t, guest::File &file, bool write, std::uint64_t length) {
    return instructions(length, [&](std::uint32_t times) {
        return t
            .expect(write ? file.write_times(Bytes(length, 1), 0, times)
                          : file.read_times(length, 0, times))
            .succeeds()
            .observation()
            .nanoseconds;
    });
}

Curve cost_by_call(Trial &t, guest::File &file, bool write) {
    Curve curve{.name = write ? "write" : "read"};
    for (const std::uint64_t length : lengths)
        curve.values.push_back(cost_of_call(t, file, write, length));
    return curve;
}

// A call in the kernel need not save all of what the way there costs: its own
// few instructions may be more than the device's.
void expect_cheaper(Trial &t, const Curve &kernel, const Curve &program, double system_call) {
    constexpr double share = 0.75;
    constexpr std::size_t small = 2;
    for (std::size_t i = 0; i < small; ++i)
        t.expect_that(
            kernel.values[i] + share * system_call <= program.values[i],
            fmt::format("{0} of {1} costs at least {2:.0f} instructions less than a program's {3} "
                        "of {1}: three quarters of a system call that does nothing",
                        kernel.name, count_of_bytes(lengths[i]), share * system_call, program.name),
            fmt::format("{} costs {:.0f}, and {} costs {:.0f}", kernel.name, kernel.values[i],
                        program.name, program.values[i]));
}

void expect_flat(Trial &t, const Curve &curve) {
    constexpr std::size_t large = 3;
    constexpr std::size_t largest = 4;
    const double ratio = per_byte(curve, largest) / per_byte(curve, large);
    t.expect_that(ratio < 1.15 && ratio > 0.75,
                  fmt::format("a byte costs {} the same in {} and in {}", curve.name,
                              count_of_bytes(lengths[large]), count_of_bytes(lengths[largest])),
                  fmt::format("it costs {:.3f} instructions in the one and {:.3f} in the other",
                              per_byte(curve, large), per_byte(curve, largest)));
}

void cost(Trial &t) {
    auto device = loaded(t);
    auto kernel = caller(t);
    auto nothing = t.open("/dev/null", O_RDWR);
    const double system_call = cost_of_call(t, nothing, false, 1);
    const std::vector<Curve> curves = {
        cost_in_kernel(t, kernel, false), cost_in_kernel(t, kernel, true),
        cost_by_call(t, device, false), cost_by_call(t, device, true)};
    t.metric("system_call_instructions", system_call);
    t.table({.title = "What a call costs, in the kernel and from a program",
             .x_axis = "bytes",
             .unit = "instructions",
             .x = {lengths.begin(), lengths.end()},
             .curves = curves});
    expect_cheaper(t, curves[0], curves[2], system_call);
    expect_cheaper(t, curves[1], curves[3], system_call);
    for (const Curve &curve : curves)
        expect_flat(t, curve);
}

}  // namespace

judge::Stage mymem() {
    judge::Stage stage("06-mymem");
    stage.check("node-appears", node_appears)
        .check("fresh-memory", fresh_memory)
        .check("reads-back", reads_back)
        .check("positions", positions)
        .check("end-of-memory", end_of_memory)
        .check("seek", seek)
        .check("bad-address", bad_address_is_told)
        .check("exports", exports)
        .check("api-bounds", api_bounds)
        .check("load-order", load_order)
        .check("gpl-only", gpl_only)
        .check("in-use", in_use)
        .check("programs-meet", programs_meet)
        .check("modules-meet", modules_meet)
        .check("both-meet", both_meet)
        .check("many-callers", many_callers)
        .check("counts-right", counts_right)
        .check("counts-in-kernel", counts_in_kernel)
        .check("counts-in-programs", counts_in_programs)
        .check("unload-while-counting", unload_while_counting)
        .check("failed-init", failed_init)
        .check("frees-everything", frees_everything)
        .check("cost", cost);
    return stage;
}

}  // namespace klass::stages
