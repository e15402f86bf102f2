// SPDX-License-Identifier: Apache-2.0
#include "agent/buffers.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace klass::agent {

Shared *own_shared = nullptr;

namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t arena_bytes = protocol::limit_reply_data;
// A pattern that no test writes: a read that claims more than it filled shows it.
constexpr int untouched = 0xA5;

// Mapped once: in a kernel that checks its locks, mapping memory for each call
// would cost more than the call. Returns the arena's end, which no page follows.
std::uint8_t *arena_end() {
    static std::uint8_t *end = [] {
        void *mapping = mmap(nullptr, arena_bytes + page, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapping == MAP_FAILED)
            return static_cast<std::uint8_t *>(nullptr);
        auto *bytes = static_cast<std::uint8_t *>(mapping);
        munmap(bytes + arena_bytes, page);
        return bytes + arena_bytes;
    }();
    return end;
}

}  // namespace

CallBuffer::CallBuffer(protocol::Buffer::Reader buffer) {
    switch (buffer.which()) {
        case protocol::Buffer::ADDRESS:
            address_ = reinterpret_cast<void *>(buffer.getAddress());
            break;
        case protocol::Buffer::ROOM:
            place(std::min<std::size_t>(buffer.getRoom(), arena_bytes));
            if (ok_)
                std::memset(address_, untouched, length_);
            break;
        case protocol::Buffer::DATA: {
            const auto data = buffer.getData();
            const bool gated = buffer.getGated() && data.size() >= 2 && data.size() <= page;
            if (gated)
                place_gated(data.size());
            else
                place(std::min<std::size_t>(data.size(), arena_bytes));
            if (!ok_)
                break;
            const std::size_t there = gated ? length_ / 2 : length_;
            std::memcpy(address_, data.begin(), there);
            for (std::size_t i = there; i < length_; ++i)
                own_shared->contents[i - there] = data[static_cast<unsigned>(i)];
            break;
        }
    }
    claimed_ = buffer.getClaimed() != 0 ? buffer.getClaimed() : length_;
}

void CallBuffer::place(std::size_t length) {
    std::uint8_t *end = arena_end();
    ok_ = end != nullptr;
    ours_ = ok_;
    length_ = length;
    address_ = end - length;
}

// The first half ends where a page ends; the second half begins the page that
// the gate holds back.
void CallBuffer::place_gated(std::size_t length) {
    void *mapping =
        mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ok_ = mapping != MAP_FAILED;
    if (!ok_)
        // cppcheck-suppress memleak ; there is no mapping then
        return;
    ours_ = true;
    length_ = length;
    gated_mapping_ = static_cast<std::uint8_t *>(mapping);
    address_ = gated_mapping_ + page - length / 2;
    gate_ = static_cast<int>(syscall(SYS_userfaultfd, O_CLOEXEC));
    uffdio_api api{};
    api.api = UFFD_API;
    uffdio_register range{};
    range.range.start = reinterpret_cast<std::uint64_t>(gated_mapping_ + page);
    range.range.len = page;
    range.mode = UFFDIO_REGISTER_MODE_MISSING;
    ok_ = gate_ >= 0 && ioctl(gate_, UFFDIO_API, &api) == 0 &&
          ioctl(gate_, UFFDIO_REGISTER, &range) == 0;
    own_shared->page = range.range.start;
    own_shared->descriptor = gate_;
}

CallBuffer::~CallBuffer() {
    if (gate_ >= 0) {
        own_shared->descriptor = -1;
        close(gate_);
    }
    if (gated_mapping_ != nullptr)
        munmap(gated_mapping_, 2 * page);
}

std::vector<std::uint8_t> CallBuffer::contents() const {
    if (!ours_)
        return {};
    const auto *bytes = static_cast<const std::uint8_t *>(address_);
    return {bytes, bytes + length_};
}

}  // namespace klass::agent
