// SPDX-License-Identifier: Apache-2.0
// Feeds arbitrary bytes to the parser of what a camera's sender, or a pose server, writes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "pose/wire.h"

namespace {

using namespace klass::pose;

void require(bool holds) {
    if (!holds)
        std::abort();
}

/** The stream in pieces of @p piece bytes; what came out, written and read again, is the same. */
template <class Reader>
void read_all(const std::uint8_t *data, std::size_t size, std::size_t piece) {
    Reader reader;
    try {
        for (std::size_t at = 0; at < size;) {
            const auto room = reader.room();
            require(!room.empty());
            const std::size_t count = std::min({piece, room.size(), size - at});
            std::memcpy(room.data(), data + at, count);
            at += count;
            if (const auto message = reader.filled(count)) {
                require(!reader.within_message());
                const klass::Bytes written = to_wire(*message);
                // But for fields that only a later version has.
                require(written.size() <= at);
            }
        }
    } catch (const WireError &) {
        // The one way in which bad bytes may end.
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::size_t piece = size > 0 ? data[size - 1] * std::size_t{16} + 1 : 1;
    read_all<FrameReader>(data, size, piece);
    read_all<AnswerReader>(data, size, piece);
    return 0;
}
