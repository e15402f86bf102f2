// SPDX-License-Identifier: Apache-2.0
// Feeds arbitrary bytes to the only parser of what a guest sends.
#include <cstddef>
#include <cstdint>

#include "protocol/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    klass::protocol::FrameSplitter splitter;
    try {
        // In pieces of a length that the input chooses, as a socket would.
        const std::size_t piece = size > 0 ? data[0] + std::size_t{1} : 1;
        for (std::size_t at = 0; at < size; at += piece) {
            splitter.append(data + at, size - at < piece ? size - at : piece);
            while (auto words = splitter.next())
                klass::protocol::read_reply(std::move(*words));
        }
    } catch (const klass::protocol::ProtocolError &) {
        // The one way in which bad bytes may end.
    }
    return 0;
}
