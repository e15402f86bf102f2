// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Frames and answers as bytes: kmod/include/uapi/camera_offload_wire.h is the format.
 *
 * The readers take a stream in pieces of any size. They hold one message at most, reserve memory
 * only for what a checked header announces, and never read beyond what they were given. All of it
 * may be hostile.
 */
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>

#include "pose/frame.h"
#include "util/bytes.h"

namespace klass::pose {

/** Where a pose server listens when nobody says otherwise. */
inline constexpr std::uint16_t usual_port = 7707;

/** The peer sent what the format does not allow; the stream cannot be read any further. */
class WireError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/** Cuts a stream into headers and payloads. What they mean, a class that derives from it knows. */
class MessageReader {
  public:
    MessageReader(const MessageReader &) = delete;
    MessageReader &operator=(const MessageReader &) = delete;
    virtual ~MessageReader() = default;

    /**
     * Where the next bytes of the stream belong, to be read into and then told to the reader. Never
     * empty, never longer than what the message lacks, valid until the next call.
     */
    std::span<std::uint8_t> room();

    /** Whether a message has begun whose end is still missing. */
    [[nodiscard]] bool within_message() const { return header_filled_ > 0; }

  protected:
    /** @param magic, header_bytes  what each header begins with, and how long it is at least */
    MessageReader(std::uint32_t magic, std::size_t header_bytes)
        : magic_(magic), least_header_bytes_(header_bytes), header_bytes_(header_bytes) {}

    /**
     * Takes note of @p count bytes in room(). @return whether the message is whole
     * @throws WireError when it is none, as soon as that can be told
     */
    bool take_note(std::size_t count);
    /** Checks a header. @return the bytes of the payload @throws WireError */
    virtual std::size_t payload_bytes(const std::uint8_t *header) = 0;
    /** The payload of a whole message; the reader is then ready for the next one. */
    Bytes take_payload();

  private:
    void check_magic() const;
    void check_beginning();

    std::uint32_t magic_;
    std::size_t least_header_bytes_;
    std::size_t header_bytes_;  ///< of this message, once its beginning is known
    std::array<std::uint8_t, CAMERA_OFFLOAD_MAX_HEADER_BYTES> header_{};
    std::size_t header_filled_ = 0;
    Bytes payload_;
    std::size_t payload_filled_ = 0;
};

/** The server's end: reads frames. */
class FrameReader final : public MessageReader {
  public:
    FrameReader();
    /**
     * Takes note of @p count bytes that were read into room().
     * @return the frame, if that was its end
     * @throws WireError on a wrong magic or version, a size beyond the limits, a format that is
     *         not known, or a payload that does not fit the size
     */
    std::optional<Frame> filled(std::size_t count);

  private:
    std::size_t payload_bytes(const std::uint8_t *header) override;

    Frame frame_;
};

/** What comes back for a frame. */
struct Answer {
    std::uint32_t sequence = 0;      ///< of the frame
    std::uint64_t timestamp_ns = 0;  ///< of the frame
    Keypoints keypoints{};
};

/** The sender's end: reads answers. */
class AnswerReader final : public MessageReader {
  public:
    AnswerReader();
    /** As FrameReader::filled(). */
    std::optional<Answer> filled(std::size_t count);

  private:
    std::size_t payload_bytes(const std::uint8_t *header) override;

    Answer answer_;
};

/** A frame as it is sent. @throws WireError when it is beyond the limits */
Bytes to_wire(const Frame &frame);
/** An answer as it is sent. */
Bytes to_wire(const Answer &answer);

}  // namespace klass::pose
