// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Frames on the wire between host and agent: bounded, versioned, fuzzed.
 *
 * A frame is eight bytes, the mark "KLS1" and the length in words as a
 * little-endian 32-bit number, and then one Cap'n Proto message of one segment.
 * Cap'n Proto checks every pointer of a message against its bounds as it is
 * followed, which is what makes it fit for a hostile peer.
 *
 * protocol/ knows bytes and messages; it knows neither host nor guest.
 */
#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "klass.capnp.h"

namespace klass::protocol {

/** Bytes before a frame's message. */
inline constexpr std::size_t header_bytes = 8;
/** Largest message, in words of eight bytes: a module's image is the largest there is. */
inline constexpr std::uint32_t limit_words = 1U << 20;
/** Largest data in a reply, in bytes. */
inline constexpr std::size_t limit_reply_data = std::size_t{1} << 20;

/** The peer sent what no honest peer sends. */
class ProtocolError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/** A whole frame's words, to be read as Request or Reply. Owns its memory. */
class Frame {
  public:
    explicit Frame(std::vector<capnp::word> words);

    /**
     * The message. The reader is valid as long as the frame is.
     * @throws ProtocolError when it is not a message; a kj::Exception on a pointer out of bounds,
     *         which callers turn into one: see read_reply() and read_request().
     */
    [[nodiscard]] capnp::FlatArrayMessageReader &message() { return reader_; }
    /** The message's words, e.g. to be passed on. */
    [[nodiscard]] const std::vector<capnp::word> &words() const { return words_; }

  private:
    std::vector<capnp::word> words_;
    capnp::FlatArrayMessageReader reader_;
};

/** Cuts a stream of bytes into frames; holds at most one frame's worth of bytes. */
class FrameSplitter {
  public:
    /** Adds what was read. */
    void append(const std::uint8_t *bytes, std::size_t count);
    /**
     * The next whole frame's words, if they are all there.
     * @throws ProtocolError on a wrong mark or a length beyond the limit
     */
    std::optional<std::vector<capnp::word>> next();

  private:
    std::vector<std::uint8_t> buffer_;
    std::size_t used_ = 0;
};

/** A message's words as the bytes of a frame. */
std::vector<std::uint8_t> to_frame(const std::vector<capnp::word> &words);

/** A message as the bytes of a frame. */
std::vector<std::uint8_t> to_frame(capnp::MessageBuilder &message);

/** A reply, copied out of a frame: plain data, nothing of the guest's memory layout left. */
struct ReplyData {
    std::uint64_t id = 0;
    std::int64_t result = 0;
    std::int32_t error = 0;
    std::vector<std::uint8_t> data;
    std::int64_t extra = 0;
    std::uint32_t times = 0;
    std::uint64_t nanoseconds = 0;
};

/** Reads a frame as a reply. @throws ProtocolError when it is none, or larger than the limits. */
ReplyData read_reply(std::vector<capnp::word> words);

}  // namespace klass::protocol
