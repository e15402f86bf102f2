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

Gate *own_gate = nullptr;

namespace {

constexpr std::size_t page = 4096;
// A pattern that no test writes: a read that claims more than it filled shows it.
constexpr int untouched = 0xA5;

}  // namespace

CallBuffer::CallBuffer(protocol::Buffer::Reader buffer) {
    switch (buffer.which()) {
        case protocol::Buffer::ADDRESS:
            address_ = reinterpret_cast<void *>(buffer.getAddress());
            break;
        case protocol::Buffer::ROOM:
            map(std::min<std::size_t>(buffer.getRoom(), protocol::limit_reply_data), false);
            if (ok_)
                std::memset(address_, untouched, length_);
            break;
        case protocol::Buffer::DATA: {
            const auto data = buffer.getData();
            const bool gated = buffer.getGated() && data.size() >= 2 && data.size() <= page;
            map(data.size(), gated);
            if (!ok_)
                break;
            const std::size_t there = gated ? data.size() / 2 : data.size();
            std::memcpy(address_, data.begin(), there);
            if (gated)
                for (std::size_t i = there; i < data.size(); ++i)
                    own_gate->contents[i - there] = data[static_cast<unsigned>(i)];
            break;
        }
    }
    claimed_ = buffer.getClaimed() != 0 ? buffer.getClaimed() : length_;
}

void CallBuffer::map(std::size_t length, bool gated) {
    length_ = length;
    // Gated: the first half ends where a page ends, the second half begins the
    // page that the gate holds back.
    const std::size_t before = gated ? length / 2 : length;
    const std::size_t front = (before + page - 1) / page * page;
    mapping_bytes_ = front + 2 * page;
    void *mapping = mmap(nullptr, mapping_bytes_, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) {
        ok_ = false;
        mapping_bytes_ = 0;
        return;
    }
    mapping_ = static_cast<std::uint8_t *>(mapping);
    address_ = mapping_ + front - before;
    munmap(mapping_ + front + (gated ? page : 0), (gated ? 1 : 2) * page);
    mapping_bytes_ = front + (gated ? page : 0);
    if (!gated)
        return;
    gate_ = static_cast<int>(syscall(SYS_userfaultfd, O_CLOEXEC));
    uffdio_api api{};
    api.api = UFFD_API;
    uffdio_register range{};
    range.range.start = reinterpret_cast<std::uint64_t>(mapping_ + front);
    range.range.len = page;
    range.mode = UFFDIO_REGISTER_MODE_MISSING;
    ok_ = gate_ >= 0 && ioctl(gate_, UFFDIO_API, &api) == 0 &&
          ioctl(gate_, UFFDIO_REGISTER, &range) == 0;
    own_gate->page = range.range.start;
    own_gate->descriptor = gate_;
}

CallBuffer::~CallBuffer() {
    if (gate_ >= 0) {
        own_gate->descriptor = -1;
        close(gate_);
    }
    if (mapping_bytes_ > 0)
        munmap(mapping_, mapping_bytes_);
}

std::vector<std::uint8_t> CallBuffer::contents() const {
    if (mapping_ == nullptr)
        return {};
    const auto *bytes = static_cast<const std::uint8_t *>(address_);
    return {bytes, bytes + length_};
}

}  // namespace klass::agent
