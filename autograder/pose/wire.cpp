// SPDX-License-Identifier: Apache-2.0
#include "pose/wire.h"

#include <endian.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace klass::pose {

namespace {

// What both sides take for granted: no padding, whatever the compiler.
static_assert(sizeof(camera_offload_frame) == 32);
static_assert(sizeof(camera_offload_answer) == 24);
static_assert(sizeof(camera_offload_keypoint) * CAMERA_OFFLOAD_KEYPOINTS ==
              CAMERA_OFFLOAD_ANSWER_PAYLOAD_BYTES);

/** Magic, version and length stand in the same places of both headers. */
struct Beginning {
    __le32 magic;
    __le16 version;
    __le16 header_bytes;
};

template <class Structure>
Structure read_from(const std::uint8_t *bytes) {
    Structure structure;
    std::memcpy(&structure, bytes, sizeof structure);
    return structure;
}

/** What the format allows of a frame's size. @return what is wrong, or nothing */
std::string objection(unsigned width, unsigned height, PixelFormat format) {
    if (bytes_of_pixel(format) == 0)
        return fmt::format("pixel format 0x{:08x} is not known",
                           static_cast<std::uint32_t>(format));
    if (width < CAMERA_OFFLOAD_MIN_SIDE || width > CAMERA_OFFLOAD_MAX_WIDTH ||
        height < CAMERA_OFFLOAD_MIN_SIDE || height > CAMERA_OFFLOAD_MAX_HEIGHT)
        return fmt::format("a frame of {}x{}, which has to be from {}x{} to {}x{}", width, height,
                           CAMERA_OFFLOAD_MIN_SIDE, CAMERA_OFFLOAD_MIN_SIDE,
                           CAMERA_OFFLOAD_MAX_WIDTH, CAMERA_OFFLOAD_MAX_HEIGHT);
    if (format == PixelFormat::yuyv && width % 2 != 0)
        return fmt::format("a YUYV frame with an odd width, {}", width);
    return {};
}

std::size_t bytes_of(const Frame &frame) {
    return std::size_t{frame.width} * frame.height * bytes_of_pixel(frame.format);
}

std::uint32_t bits_to_wire(float value) {
    return htole32(std::bit_cast<std::uint32_t>(value));
}

float float_from_wire(std::uint32_t bits) {
    return std::bit_cast<float>(le32toh(bits));
}

/** Copies the bytes of a structure, which has no padding, into place. @return the place after it */
template <class Structure>
std::uint8_t *put(std::uint8_t *place, const Structure &structure) {
    std::memcpy(place, &structure, sizeof structure);
    return place + sizeof structure;
}

}  // namespace

std::span<std::uint8_t> MessageReader::room() {
    if (header_filled_ < header_bytes_)
        return std::span(header_).subspan(header_filled_, header_bytes_ - header_filled_);
    return std::span(payload_).subspan(payload_filled_);
}

bool MessageReader::take_note(std::size_t count) {
    if (count > room().size())
        throw std::logic_error("more bytes than there was room for");
    if (header_filled_ < header_bytes_) {
        header_filled_ += count;
        check_magic();
        if (header_filled_ == least_header_bytes_)
            check_beginning();
        if (header_filled_ < header_bytes_)
            return false;
        payload_.resize(payload_bytes(header_.data()));
        return false;
    }
    payload_filled_ += count;
    return payload_filled_ == payload_.size();
}

// A stranger's first bytes may be all that ever come of it.
void MessageReader::check_magic() const {
    const std::uint32_t magic = htole32(magic_);
    const std::size_t known = std::min(header_filled_, sizeof magic);
    if (std::memcmp(header_.data(), &magic, known) != 0)
        throw WireError("what came does not begin as a message does: " +
                        printable(Bytes(header_.data(), header_.data() + known)));
}

void MessageReader::check_beginning() {
    const auto beginning = read_from<Beginning>(header_.data());
    if (le16toh(beginning.version) != CAMERA_OFFLOAD_VERSION)
        throw WireError(fmt::format("version {} of the format, where {} is spoken",
                                    le16toh(beginning.version), CAMERA_OFFLOAD_VERSION));
    const std::size_t header_bytes = le16toh(beginning.header_bytes);
    if (header_bytes < least_header_bytes_ || header_bytes > header_.size())
        throw WireError(fmt::format("a header of {} bytes, which has to have {} to {}",
                                    header_bytes, least_header_bytes_, header_.size()));
    header_bytes_ = header_bytes;
}

Bytes MessageReader::take_payload() {
    header_bytes_ = least_header_bytes_;
    header_filled_ = 0;
    payload_filled_ = 0;
    return std::exchange(payload_, {});
}

FrameReader::FrameReader()
    : MessageReader(CAMERA_OFFLOAD_FRAME_MAGIC, sizeof(camera_offload_frame)) {}

std::size_t FrameReader::payload_bytes(const std::uint8_t *header) {
    const auto fields = read_from<camera_offload_frame>(header);
    frame_.sequence = le32toh(fields.sequence);
    frame_.timestamp_ns = le64toh(fields.timestamp_ns);
    frame_.width = le16toh(fields.width);
    frame_.height = le16toh(fields.height);
    frame_.format = static_cast<PixelFormat>(le32toh(fields.pixel_format));
    if (const std::string why = objection(frame_.width, frame_.height, frame_.format); !why.empty())
        throw WireError(why);
    if (le32toh(fields.payload_bytes) != bytes_of(frame_))
        throw WireError(fmt::format("{} bytes of pixels for a frame of {}x{}, which has {}",
                                    le32toh(fields.payload_bytes), frame_.width, frame_.height,
                                    bytes_of(frame_)));
    return bytes_of(frame_);
}

std::optional<Frame> FrameReader::filled(std::size_t count) {
    if (!take_note(count))
        return std::nullopt;
    frame_.pixels = take_payload();
    return std::exchange(frame_, {});
}

AnswerReader::AnswerReader()
    : MessageReader(CAMERA_OFFLOAD_ANSWER_MAGIC, sizeof(camera_offload_answer)) {}

std::size_t AnswerReader::payload_bytes(const std::uint8_t *header) {
    const auto fields = read_from<camera_offload_answer>(header);
    answer_.sequence = le32toh(fields.sequence);
    answer_.timestamp_ns = le64toh(fields.timestamp_ns);
    if (le32toh(fields.payload_bytes) != CAMERA_OFFLOAD_ANSWER_PAYLOAD_BYTES)
        throw WireError(fmt::format("{} bytes of key points, which have {}",
                                    le32toh(fields.payload_bytes),
                                    CAMERA_OFFLOAD_ANSWER_PAYLOAD_BYTES));
    return CAMERA_OFFLOAD_ANSWER_PAYLOAD_BYTES;
}

std::optional<Answer> AnswerReader::filled(std::size_t count) {
    if (!take_note(count))
        return std::nullopt;
    const Bytes payload = take_payload();
    const std::uint8_t *at = payload.data();
    for (Keypoint &keypoint : answer_.keypoints) {
        const auto fields = read_from<camera_offload_keypoint>(at);
        keypoint = {.y = float_from_wire(fields.y),
                    .x = float_from_wire(fields.x),
                    .score = float_from_wire(fields.score)};
        at += sizeof fields;
    }
    return std::exchange(answer_, {});
}

Bytes to_wire(const Frame &frame) {
    if (const std::string why = objection(frame.width, frame.height, frame.format); !why.empty())
        throw WireError(why);
    if (frame.pixels.size() != bytes_of(frame))
        throw WireError(fmt::format("{} bytes of pixels for a frame of {}x{}, which has {}",
                                    frame.pixels.size(), frame.width, frame.height,
                                    bytes_of(frame)));
    Bytes bytes(sizeof(camera_offload_frame) + frame.pixels.size());
    std::uint8_t *const pixels = put(
        bytes.data(), camera_offload_frame{
                          .magic = htole32(CAMERA_OFFLOAD_FRAME_MAGIC),
                          .version = htole16(CAMERA_OFFLOAD_VERSION),
                          .header_bytes = htole16(sizeof(camera_offload_frame)),
                          .sequence = htole32(frame.sequence),
                          .width = htole16(static_cast<std::uint16_t>(frame.width)),
                          .height = htole16(static_cast<std::uint16_t>(frame.height)),
                          .pixel_format = htole32(static_cast<std::uint32_t>(frame.format)),
                          .payload_bytes = htole32(static_cast<std::uint32_t>(frame.pixels.size())),
                          .timestamp_ns = htole64(frame.timestamp_ns)});
    std::copy(frame.pixels.begin(), frame.pixels.end(), pixels);
    return bytes;
}

Bytes to_wire(const Answer &answer) {
    Bytes bytes(sizeof(camera_offload_answer) + CAMERA_OFFLOAD_ANSWER_PAYLOAD_BYTES);
    std::uint8_t *place =
        put(bytes.data(),
            camera_offload_answer{.magic = htole32(CAMERA_OFFLOAD_ANSWER_MAGIC),
                                  .version = htole16(CAMERA_OFFLOAD_VERSION),
                                  .header_bytes = htole16(sizeof(camera_offload_answer)),
                                  .sequence = htole32(answer.sequence),
                                  .payload_bytes = htole32(CAMERA_OFFLOAD_ANSWER_PAYLOAD_BYTES),
                                  .timestamp_ns = htole64(answer.timestamp_ns)});
    for (const Keypoint &keypoint : answer.keypoints)
        place = put(place, camera_offload_keypoint{.y = bits_to_wire(keypoint.y),
                                                   .x = bits_to_wire(keypoint.x),
                                                   .score = bits_to_wire(keypoint.score)});
    return bytes;
}

}  // namespace klass::pose
