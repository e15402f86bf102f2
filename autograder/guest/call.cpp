// SPDX-License-Identifier: Apache-2.0
#include "guest/call.h"

#include <fmt/format.h>

namespace klass::guest {

Memory Memory::of(Bytes bytes) {
    Memory memory;
    memory.bytes_ = std::move(bytes);
    return memory;
}

Memory Memory::room(std::size_t count) {
    Memory memory;
    memory.room_ = count;
    return memory;
}

Memory Memory::at(std::uint64_t address, std::size_t claimed) {
    Memory memory;
    memory.address_ = address;
    memory.claimed_ = claimed;
    return memory;
}

Memory Memory::claiming(std::size_t length) const {
    Memory memory = *this;
    memory.claimed_ = length;
    return memory;
}

Memory Memory::gated() const {
    Memory memory = *this;
    memory.gated_ = true;
    return memory;
}

std::string Memory::text() const {
    const std::size_t own = room_ != 0 ? room_ : bytes_.size();
    if (address_)
        return fmt::format("{:#x}, {}", *address_, count_of_bytes(claimed_));
    if (claimed_ != 0 && claimed_ != own)
        return fmt::format("{} in a buffer of {}", count_of_bytes(claimed_), own);
    return count_of_bytes(own);
}

void Memory::fill(protocol::Buffer::Builder buffer) const {
    if (address_)
        buffer.setAddress(*address_);
    else if (room_ != 0)
        buffer.setRoom(room_);
    else
        buffer.setData(kj::ArrayPtr<const std::uint8_t>(bytes_.data(), bytes_.size()));
    buffer.setClaimed(claimed_);
    buffer.setGated(gated_);
}

}  // namespace klass::guest
