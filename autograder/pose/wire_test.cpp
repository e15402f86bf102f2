// SPDX-License-Identifier: Apache-2.0
#include "pose/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "pose/figure.h"
#include "util/digest.h"

namespace klass::pose {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::size_t header_bytes = sizeof(camera_offload_frame);

/** All messages in a stream that comes in pieces of @p piece bytes. */
template <class Reader>
auto read_all(Reader &reader, const Bytes &stream, std::size_t piece = 1 << 20) {
    std::vector<typename decltype(reader.filled(0))::value_type> messages;
    for (std::size_t at = 0; at < stream.size();) {
        const auto room = reader.room();
        EXPECT_FALSE(room.empty());
        const std::size_t count = std::min({piece, room.size(), stream.size() - at});
        std::memcpy(room.data(), stream.data() + at, count);
        at += count;
        if (auto message = reader.filled(count))
            messages.push_back(std::move(*message));
    }
    return messages;
}

std::vector<Frame> frames_in(const Bytes &stream, std::size_t piece = 1 << 20) {
    FrameReader reader;
    return read_all(reader, stream, piece);
}

Frame small_frame(std::uint32_t sequence = 5) {
    Frame frame = figure_frame(1, sequence, 32, 18);
    frame.timestamp_ns = 0x1122334455667788;
    return frame;
}

/** A frame's bytes with those from @p at on replaced. */
Bytes changed(std::size_t at, const Bytes &replacement) {
    Bytes bytes = to_wire(small_frame());
    std::copy(replacement.begin(), replacement.end(), bytes.begin() + static_cast<long>(at));
    return bytes;
}

void expect_refused(const Bytes &stream, const char *why) {
    EXPECT_THAT([&] { frames_in(stream); }, ThrowsMessage<WireError>(HasSubstr(why)));
}

TEST(WireTest, FrameHasTheBytesThatTheHeaderFileSays) {
    const Bytes bytes = to_wire(small_frame());
    const Bytes header(bytes.begin(), bytes.begin() + header_bytes);
    EXPECT_EQ(header, (Bytes{'K',  'C',  'O',  'F',  1,    0,    32,   0,  //
                             5,    0,    0,    0,    32,   0,    18,   0,  //
                             'Y',  'U',  'Y',  'V',  0x80, 0x04, 0,    0,  //
                             0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11}));
    EXPECT_EQ(Bytes(bytes.begin() + header_bytes, bytes.end()), small_frame().pixels);
}

TEST(WireTest, AnswerHasTheBytesThatTheHeaderFileSays) {
    Answer answer{.sequence = 0xfffffffe, .timestamp_ns = 1};
    answer.keypoints[0] = {.y = 0.5F, .x = 1.0F, .score = 0.25F};
    const Bytes bytes = to_wire(answer);
    ASSERT_EQ(bytes.size(), 24U + 204U);
    const Bytes beginning(bytes.begin(), bytes.begin() + 36);
    EXPECT_EQ(beginning, (Bytes{'K', 'C', 'O', 'A',  1, 0, 24,   0,    0xfe, 0xff, 0xff, 0xff,  //
                                204, 0,   0,   0,    1, 0, 0,    0,    0,    0,    0,    0,     //
                                0,   0,   0,   0x3f, 0, 0, 0x80, 0x3f, 0,    0,    0x80, 0x3e}));
}

TEST(WireTest, FramesComeBackWhateverThePieces) {
    Bytes stream;
    for (std::uint32_t sequence = 0; sequence < 3; ++sequence) {
        const Bytes bytes = to_wire(small_frame(sequence));
        stream.insert(stream.end(), bytes.begin(), bytes.end());
    }
    for (const std::size_t piece : {1U, 2U, 7U, 31U, 32U, 33U, 1000U, 100000U}) {
        const auto frames = frames_in(stream, piece);
        ASSERT_EQ(frames.size(), 3U) << piece;
        for (std::uint32_t sequence = 0; sequence < 3; ++sequence) {
            EXPECT_EQ(frames[sequence].sequence, sequence);
            EXPECT_EQ(frames[sequence].timestamp_ns, 0x1122334455667788U);
            EXPECT_EQ(frames[sequence].width, 32U);
            EXPECT_EQ(frames[sequence].height, 18U);
            EXPECT_EQ(frames[sequence].format, PixelFormat::yuyv);
            EXPECT_EQ(frames[sequence].pixels, small_frame(sequence).pixels);
        }
    }
}

TEST(WireTest, AnswersComeBackBitByBit) {
    Answer answer{.sequence = 9, .timestamp_ns = 77};
    for (std::size_t i = 0; i < answer.keypoints.size(); ++i)
        answer.keypoints[i] = {.y = 0.1F * static_cast<float>(i), .x = 1e-30F, .score = 1.0F};
    for (const std::size_t piece : {1U, 23U, 24U, 25U, 228U}) {
        AnswerReader reader;
        const auto answers = read_all(reader, to_wire(answer), piece);
        ASSERT_EQ(answers.size(), 1U);
        EXPECT_EQ(to_wire(answers[0]), to_wire(answer));
        EXPECT_EQ(answers[0].sequence, 9U);
        EXPECT_EQ(answers[0].keypoints[2].y, 0.2F);
    }
}

TEST(WireTest, BgrIsThreeBytesAPixelAndMayBeOdd) {
    const Frame frame{
        .sequence = 1, .width = 17, .height = 16, .format = PixelFormat::bgr, .pixels = Bytes(816)};
    const auto frames = frames_in(to_wire(frame));
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].format, PixelFormat::bgr);
    EXPECT_EQ(frames[0].pixels.size(), 816U);
}

TEST(WireTest, KnowsWhetherAMessageHasBegun) {
    FrameReader reader;
    EXPECT_FALSE(reader.within_message());
    const Bytes bytes = to_wire(small_frame());
    read_all(reader, Bytes(bytes.begin(), bytes.begin() + 1));
    EXPECT_TRUE(reader.within_message());
    read_all(reader, Bytes(bytes.begin() + 1, bytes.end() - 1));
    EXPECT_TRUE(reader.within_message());
    EXPECT_EQ(read_all(reader, Bytes(bytes.end() - 1, bytes.end())).size(), 1U);
    EXPECT_FALSE(reader.within_message());
}

TEST(WireTest, PassesOverFieldsOfALaterVersion) {
    Bytes bytes = changed(6, {40, 0});
    bytes.insert(bytes.begin() + header_bytes, 8, 0xee);
    const Bytes second = to_wire(small_frame(6));
    bytes.insert(bytes.end(), second.begin(), second.end());
    const auto frames = frames_in(bytes, 5);
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames[0].pixels, small_frame().pixels);
    EXPECT_EQ(frames[1].sequence, 6U);
}

TEST(WireTest, GarbageIsRefusedAtItsFirstBytes) {
    expect_refused(to_bytes("GET / HTTP/1.1\r\n\r\n"), "does not begin as a message does: GET ");
    expect_refused(to_bytes("K "), "does not begin");
    // An answer is no frame.
    expect_refused(to_wire(Answer{}), "does not begin");
    EXPECT_THROW(
        {
            AnswerReader reader;
            read_all(reader, to_wire(small_frame()));
        },
        WireError);
}

TEST(WireTest, EveryLimitIsChecked) {
    expect_refused(changed(4, {2}), "version 2");
    expect_refused(changed(6, {31}), "a header of 31 bytes, which has to have 32 to 256");
    expect_refused(changed(6, {1, 1}), "a header of 257 bytes");
    expect_refused(changed(12, {14}), "a frame of 14x18");
    expect_refused(changed(12, {0x82, 0x07}), "a frame of 1922x18");
    expect_refused(changed(14, {15}), "a frame of 32x15");
    expect_refused(changed(14, {0x39, 0x04}), "a frame of 32x1081");
    expect_refused(changed(12, {33}), "odd width");
    expect_refused(changed(16, {'J', 'P', 'E', 'G'}), "pixel format 0x4745504a is not known");
    expect_refused(changed(20, {0x7f, 0x04, 0, 0}), "1151 bytes of pixels for a frame of 32x18");
    expect_refused(changed(20, {0, 0, 0, 0x80}), "which has 1152");
    Bytes answer = to_wire(Answer{});
    answer[12] = 205;
    EXPECT_THROW(
        {
            AnswerReader reader;
            read_all(reader, answer);
        },
        WireError);
}

TEST(WireTest, NothingBeyondTheLimitsIsWritten) {
    EXPECT_THROW(to_wire(Frame{.width = 1922, .height = 16, .pixels = Bytes(1922 * 32)}),
                 WireError);
    EXPECT_THROW(to_wire(Frame{.width = 16, .height = 16, .pixels = Bytes(511)}), WireError);
    EXPECT_EQ(to_wire(Frame{.width = 16, .height = 16, .pixels = Bytes(512)}).size(), 544U);
}

TEST(WireTest, TheLargestFrameFits) {
    const Frame frame{.width = CAMERA_OFFLOAD_MAX_WIDTH,
                      .height = CAMERA_OFFLOAD_MAX_HEIGHT,
                      .format = PixelFormat::bgr,
                      .pixels = Bytes(CAMERA_OFFLOAD_MAX_PAYLOAD_BYTES, 3)};
    const auto frames = frames_in(to_wire(frame));
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].pixels, frame.pixels);
}

// The seeds of the fuzz target are what they say.
TEST(WireTest, SeedsAreMessages) {
    const auto seed = [](const char *name) {
        return to_bytes(read_file(std::filesystem::path(KLASS_SOURCE_DIR) /
                                  "autograder/pose/testdata/wire" / name));
    };
    EXPECT_EQ(frames_in(seed("frame")).size(), 1U);
    EXPECT_EQ(frames_in(seed("two-frames-later-version")).size(), 2U);
    AnswerReader reader;
    EXPECT_EQ(read_all(reader, seed("answer")).size(), 1U);
}

}  // namespace
}  // namespace klass::pose
