// SPDX-License-Identifier: Apache-2.0
// Stage 04: a character device. What it must do: exercises/04-chardev/README.md.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "judge/trial.h"
#include "stages/all_stages.h"

namespace klass::stages {

namespace {

using guest::Memory;
using judge::Trial;

constexpr const char *node = "/dev/cicv";
constexpr std::size_t capacity = 4096;
// Below every mapping of a process (vm.mmap_min_addr): no page is ever there.
constexpr std::uint64_t bad_address = 0x1000;

/** Loads the module and opens its device for reading and writing. */
guest::File loaded(Trial &t) {
    t.load("chardev");
    return t.open(node, O_RDWR);
}

Bytes joined(const Bytes &first, const Bytes &second) {
    Bytes both = first;
    both.insert(both.end(), second.begin(), second.end());
    return both;
}

Bytes part(const Bytes &bytes, std::size_t from, std::size_t count) {
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(from);
    return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

/** A message of a random length that leaves room behind it. */
Bytes message(Trial &t) {
    return t.random().bytes(t.random().between(200, 2000));
}

void node_appears(Trial &t) {
    t.load("chardev");
    const auto status = t.expect(t.process().stat(node)).succeeds();
    t.expect_that(S_ISCHR(static_cast<mode_t>(status.value())),
                  fmt::format("{} is a character device", node),
                  fmt::format("its st_mode is {:#o}", status.value()));
    t.expect_that((status.value() & 0777) == 0666, fmt::format("the mode of {} is 0666", node),
                  fmt::format("it is {:#o}", status.value() & 0777));
    t.unload("chardev");
    t.expect(t.process().stat(node)).fails_with(ENOENT);
}

void reads_back(Trial &t) {
    auto device = loaded(t);
    const Bytes data = message(t);
    t.expect(device.write(data)).returns(static_cast<std::int64_t>(data.size()));
    t.expect(device.pread(capacity, 0)).gives(data);
    t.expect(device.close()).returns(0);
    auto again = t.open(node, O_RDONLY);
    t.expect(again.read(capacity)).gives(data);
}

void end_of_file(Trial &t) {
    auto device = loaded(t);
    t.expect(device.read(16)).gives_end_of_file();
    const Bytes data = message(t);
    t.expect(device.write(data)).returns(static_cast<std::int64_t>(data.size()));
    auto reader = t.open(node, O_RDONLY);
    t.expect(reader.read(capacity)).gives(data);
    t.expect(reader.read(capacity)).gives_end_of_file();
    t.expect(reader.read(1)).gives_end_of_file();
}

void short_read(Trial &t) {
    auto device = loaded(t);
    const Bytes data = message(t);
    t.expect(device.write(data)).returns(static_cast<std::int64_t>(data.size()));
    auto reader = t.open(node, O_RDONLY);
    std::size_t at = 0;
    while (data.size() - at > 150) {
        const std::size_t count = t.random().between(30, 150);
        t.expect(reader.read(count)).gives(part(data, at, count));
        at += count;
    }
    t.expect(reader.read(300)).gives(part(data, at, data.size() - at));
    t.expect(reader.read(1)).gives_end_of_file();
}

void own_position(Trial &t) {
    auto device = loaded(t);
    const Bytes data = message(t);
    t.expect(device.write(data)).returns(static_cast<std::int64_t>(data.size()));
    auto first = t.open(node, O_RDONLY);
    auto second = t.open(node, O_RDONLY);
    const std::size_t half = data.size() / 2;
    t.expect(first.read(half)).gives(part(data, 0, half));
    t.expect(second.read(half)).gives(part(data, 0, half));
    t.expect(first.read(capacity)).gives(part(data, half, data.size() - half));
}

void shared_data(Trial &t) {
    auto device = loaded(t);
    guest::Process other = t.another_process();
    auto reader = t.open(other, node, O_RDONLY);
    const Bytes data = message(t);
    t.expect(device.write(data)).returns(static_cast<std::int64_t>(data.size()));
    t.expect(reader.read(capacity)).gives(data);
    t.expect(device.close()).returns(0);
    auto late = t.open(node, O_RDONLY);
    t.expect(late.read(capacity)).gives(data);
}

void write_at_position(Trial &t) {
    auto device = loaded(t);
    Bytes data = message(t);
    t.expect(device.write(data)).returns(static_cast<std::int64_t>(data.size()));
    const std::size_t at = t.random().between(1, data.size() / 2);
    const Bytes patch = t.random().bytes(t.random().between(8, data.size() / 4));
    t.expect(device.pwrite(patch, static_cast<std::int64_t>(at)))
        .returns(static_cast<std::int64_t>(patch.size()));
    std::copy(patch.begin(), patch.end(), data.begin() + static_cast<std::ptrdiff_t>(at));
    t.expect(device.pread(capacity, 0)).gives(data);
    // The first write left the position behind its data: the next one appends.
    const Bytes more = t.random().bytes(50);
    t.expect(device.write(more)).returns(50);
    t.expect(device.pread(capacity, 0)).gives(joined(data, more));
}

void hole_is_zero(Trial &t) {
    auto device = loaded(t);
    const Bytes old = t.random().bytes(3000);
    t.expect(device.write(old)).returns(3000);
    auto emptied = t.open(node, O_RDWR | O_TRUNC);
    const Bytes head = t.random().bytes(100);
    const Bytes tail = t.random().bytes(100);
    const std::size_t hole = t.random().between(500, 2000);
    t.expect(emptied.write(head)).returns(100);
    t.expect(emptied.pwrite(tail, static_cast<std::int64_t>(100 + hole))).returns(100);
    t.expect(emptied.pread(capacity, 0)).gives(joined(joined(head, Bytes(hole, 0)), tail));
}

void truncate(Trial &t) {
    auto device = loaded(t);
    const Bytes old = message(t);
    t.expect(device.write(old)).returns(static_cast<std::int64_t>(old.size()));
    auto again = t.open(node, O_WRONLY);
    t.expect(device.pread(capacity, 0)).gives(old);
    auto emptied = t.open(node, O_WRONLY | O_TRUNC);
    t.expect(device.pread(capacity, 0)).gives_end_of_file();
    const Bytes shorter = t.random().bytes(old.size() / 2);
    t.expect(emptied.write(shorter)).returns(static_cast<std::int64_t>(shorter.size()));
    t.expect(device.pread(capacity, 0)).gives(shorter);
}

void capacity_is_kept(Trial &t) {
    auto device = loaded(t);
    const Bytes data = t.random().bytes(capacity - 100);
    t.expect(device.write(data)).returns(capacity - 100);
    const Bytes more = t.random().bytes(300);
    t.expect(device.write(more)).returns(100);
    t.expect(device.write(more)).fails_with(ENOSPC);
    t.expect(device.pread(2 * capacity, 0)).gives(joined(data, part(more, 0, 100)));
    const Bytes all = t.random().bytes(capacity + 500);
    t.expect(device.pwrite(all, 0)).returns(capacity);
    t.expect(device.pread(2 * capacity, 0)).gives(part(all, 0, capacity));
}

void seek(Trial &t) {
    auto device = loaded(t);
    const Bytes data = message(t);
    const auto length = static_cast<std::int64_t>(data.size());
    t.expect(device.write(data)).returns(length);
    t.expect(device.seek(10, SEEK_SET)).returns(10);
    t.expect(device.read(20)).gives(part(data, 10, 20));
    t.expect(device.seek(-5, SEEK_CUR)).returns(25);
    t.expect(device.seek(-7, SEEK_END)).returns(length - 7);
    t.expect(device.read(100)).gives(part(data, data.size() - 7, 7));
    t.expect(device.seek(length + 30, SEEK_SET)).returns(length + 30);
    t.expect(device.read(10)).gives_end_of_file();
    t.expect(device.seek(40, SEEK_SET)).returns(40);
    t.expect(device.seek(-1, SEEK_SET)).fails_with(EINVAL);
    t.expect(device.seek(-length - 1, SEEK_END)).fails_with(EINVAL);
    t.expect(device.seek(-41, SEEK_CUR)).fails_with(EINVAL);
    t.expect(device.seek(0, SEEK_CUR)).returns(40);
}

void bad_address_moves_nothing(Trial &t) {
    auto device = loaded(t);
    const Bytes data = t.random().bytes(1000);
    t.expect(device.write(data)).returns(1000);
    t.expect(device.write(Memory::at(bad_address, 500))).fails_with(EFAULT);
    t.expect(device.seek(0, SEEK_CUR)).returns(1000);
    t.expect(device.seek(0, SEEK_END)).returns(1000);
    t.expect(device.seek(100, SEEK_SET)).returns(100);
    t.expect(device.read(Memory::at(bad_address, 500))).fails_with(EFAULT);
    t.expect(device.seek(0, SEEK_CUR)).returns(100);
    t.expect(device.pread(capacity, 0)).gives(data);
    // Buffers that end before their count does: the page after them is not there.
    // A driver may copy what it can, or nothing; the position follows what it says.
    const std::int64_t copied = t.expect(device.read(Memory::room(200).claiming(300)))
                                    .returns_between_or_fails_with(1, 200, EFAULT)
                                    .value();
    t.expect(device.seek(0, SEEK_CUR)).returns(100 + std::max<std::int64_t>(copied, 0));
    t.expect(device.seek(100, SEEK_SET)).returns(100);
    const std::int64_t written =
        t.expect(device.write(Memory::of(t.random().bytes(50)).claiming(150)))
            .returns_between_or_fails_with(1, 50, EFAULT)
            .value();
    t.expect(device.seek(0, SEEK_CUR)).returns(100 + std::max<std::int64_t>(written, 0));
    t.expect(device.seek(0, SEEK_END)).returns(1000);
    t.expect(device.pread(100, 0)).gives(part(data, 0, 100));
    t.expect(device.pread(capacity, 250)).gives(part(data, 250, 750));
}

void far_offsets(Trial &t) {
    auto device = loaded(t);
    const Bytes data = t.random().bytes(500);
    t.expect(device.write(data)).returns(500);
    // The last one wraps a 32-bit offset to 0, the first a sum of offset and count.
    constexpr std::array<std::int64_t, 4> far = {0x7fffffffffffff00, 1LL << 40, 1LL << 33,
                                                 1LL << 32};
    for (const std::int64_t offset : far) {
        t.expect(device.pread(64, offset)).gives_end_of_file();
        const guest::Observation write = device.pwrite(t.random().bytes(64), offset);
        constexpr std::array<int, 3> errors = {ENOSPC, EFBIG, EINVAL};
        t.expect(write).fails_with_one_of(errors);
    }
    t.expect(device.pread(capacity, 0)).gives(data);
}

void zero_length(Trial &t) {
    auto device = loaded(t);
    const Bytes data = message(t);
    t.expect(device.write(data)).returns(static_cast<std::int64_t>(data.size()));
    t.expect(device.seek(7, SEEK_SET)).returns(7);
    t.expect(device.write(Bytes{})).returns(0);
    t.expect(device.read(Memory::of({}))).returns(0);
    t.expect(device.seek(0, SEEK_CUR)).returns(7);
    t.expect(device.pwrite({}, 3000)).returns(0);
    t.expect(device.pread(capacity, 0)).gives(data);
}

// The first writer is held half way through the copy from its memory, which is
// exactly where a missing lock lets the second one in.
void concurrent_writers(Trial &t) {
    auto device = loaded(t);
    guest::Process slow = t.another_process();
    guest::Process quick = t.another_process();
    auto slow_file = t.open(slow, node, O_WRONLY);
    auto quick_file = t.open(quick, node, O_WRONLY);
    const std::size_t length = 2048;
    const Bytes one(length, static_cast<std::uint8_t>(t.random().between('a', 'm')));
    const Bytes two(length, static_cast<std::uint8_t>(t.random().between('n', 'z')));
    guest::Pending first = slow_file.start_write(Memory::of(one).gated());
    t.expect_blocks(first);
    guest::Pending second = quick_file.start_write(Memory::of(two));
    // It waits for the lock, or it is through: either is right, so either is
    // waited for before the first may go on.
    second.blocks();
    t.expect(slow.open_gate()).succeeds();
    t.expect(first.wait()).returns(length);
    t.expect(second.wait()).returns(length);
    const Bytes stored = t.expect(device.pread(capacity, 0)).returns(length).observation().got();
    const bool whole = stored == one || stored == two;
    const auto mixed = std::find_if(stored.begin(), stored.end(),
                                    [&](std::uint8_t byte) { return byte != stored.front(); });
    t.expect_that(whole,
                  fmt::format("all {} bytes are '{}', or all are '{}'", length,
                              static_cast<char>(one[0]), static_cast<char>(two[0])),
                  fmt::format("the first {} are '{}', and then comes '{}'", mixed - stored.begin(),
                              static_cast<char>(stored.front()),
                              mixed == stored.end() ? '?' : static_cast<char>(*mixed)));
}

void busy_while_open(Trial &t) {
    auto device = loaded(t);
    // delete_module(2) says EWOULDBLOCK while a module is in use.
    t.expect(t.try_unload("chardev")).fails_with(EWOULDBLOCK);
    const Bytes data = message(t);
    t.expect(device.write(data)).returns(static_cast<std::int64_t>(data.size()));
    t.expect(device.pread(capacity, 0)).gives(data);
    t.expect(device.close()).returns(0);
    t.unload("chardev");
}

void reload(Trial &t) {
    const std::string devices = t.read_text("/proc/devices");
    const auto classes = guest::names(t.process().list_folder("/sys/class"));
    for (int cycle = 0; cycle < 3; ++cycle) {
        t.load("chardev");
        t.expect(t.process().stat(node)).succeeds();
        t.unload("chardev");
    }
    t.expect(t.process().read_file("/proc/devices")).gives_text(devices);
    t.expect_that(guest::names(t.process().list_folder("/sys/class")) == classes,
                  "/sys/class is as it was before the module was loaded", "a class is left over");
    t.expect(t.process().stat(node)).fails_with(ENOENT);
    auto device = loaded(t);
    t.expect(device.read(1)).gives_end_of_file();
}

void failed_init(Trial &t) {
    const std::string devices = t.read_text("/proc/devices");
    t.expect_clean_failure_of_each_allocation("chardev");
    t.expect_nothing_left();
    t.expect(t.process().read_file("/proc/devices")).gives_text(devices);
    t.expect(t.process().stat(node)).fails_with(ENOENT);
    auto device = loaded(t);
    const Bytes data = message(t);
    t.expect(device.write(data)).returns(static_cast<std::int64_t>(data.size()));
    t.expect(device.pread(capacity, 0)).gives(data);
}

void frees_everything(Trial &t) {
    auto device = loaded(t);
    const Bytes data = message(t);
    t.expect(device.write(data)).returns(static_cast<std::int64_t>(data.size()));
    t.expect(device.pread(capacity, 0)).gives(data);
    t.expect(t.open(node, O_RDWR | O_TRUNC).close()).returns(0);
    t.expect(device.close()).returns(0);
    t.unload("chardev");
    t.expect_nothing_left();
}

}  // namespace

judge::Stage chardev() {
    judge::Stage stage("04-chardev");
    stage.check("node-appears", node_appears)
        .check("reads-back", reads_back)
        .check("end-of-file", end_of_file)
        .check("short-read", short_read)
        .check("own-position", own_position)
        .check("shared-data", shared_data)
        .check("write-at-position", write_at_position)
        .check("hole-is-zero", hole_is_zero)
        .check("truncate", truncate)
        .check("capacity", capacity_is_kept)
        .check("seek", seek)
        .check("bad-address", bad_address_moves_nothing)
        .check("far-offsets", far_offsets)
        .check("zero-length", zero_length)
        .check("concurrent-writers", concurrent_writers)
        .check("busy-while-open", busy_while_open)
        .check("reload", reload)
        .check("failed-init", failed_init)
        .check("frees-everything", frees_everything);
    return stage;
}

}  // namespace klass::stages
