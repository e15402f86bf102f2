// SPDX-License-Identifier: Apache-2.0
#include "protocol/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "util/digest.h"

namespace klass::protocol {
namespace {

std::vector<std::uint8_t> reply_frame(std::uint64_t id, std::size_t data) {
    capnp::MallocMessageBuilder message;
    auto reply = message.initRoot<Reply>();
    reply.setId(id);
    reply.setResult(-1);
    reply.setError(14);
    auto bytes = reply.initData(static_cast<unsigned>(data));
    for (std::size_t i = 0; i < data; ++i)
        bytes[i] = static_cast<std::uint8_t>(i * 7);
    return to_frame(message);
}

TEST(Frame, ComesBackAsItWasSent) {
    const auto frame = reply_frame(0x1122334455667788, 5000);
    FrameSplitter splitter;
    splitter.append(frame.data(), frame.size());
    auto words = splitter.next();
    ASSERT_TRUE(words.has_value());
    const ReplyData reply = read_reply(std::move(*words));
    EXPECT_EQ(reply.id, 0x1122334455667788U);
    EXPECT_EQ(reply.result, -1);
    EXPECT_EQ(reply.error, 14);
    ASSERT_EQ(reply.data.size(), 5000U);
    EXPECT_EQ(reply.data[4999], static_cast<std::uint8_t>(4999 * 7));
    EXPECT_FALSE(splitter.next().has_value());
}

// Bytes that version 1 wrote: whoever changes what they mean raises the version.
TEST(Frame, OfVersionOneIsReadAsEver) {
    const auto replies_in = [](const char *name) {
        const std::string bytes = read_file(std::filesystem::path(KLASS_SOURCE_DIR) /
                                            "autograder/protocol/testdata" / name);
        FrameSplitter splitter;
        splitter.append(reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size());
        std::vector<ReplyData> replies;
        while (auto words = splitter.next())
            replies.push_back(read_reply(std::move(*words)));
        return replies;
    };
    const auto hello = replies_in("hello.frame");
    ASSERT_EQ(hello.size(), 1U);
    EXPECT_EQ(hello[0].id, 0x1122334455667788U);
    EXPECT_EQ(std::string(hello[0].data.begin(), hello[0].data.end()), "6.12.0-klass-debug");
    EXPECT_EQ(hello[0].extra, VERSION);
    EXPECT_EQ(hello[0].nanoseconds, 1234U);
    const auto failed = replies_in("failed-read.frame");
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed[0].result, -1);
    EXPECT_EQ(failed[0].error, 14);
    EXPECT_TRUE(failed[0].data.empty());
    const auto two = replies_in("two-replies.frame");
    ASSERT_EQ(two.size(), 2U);
    EXPECT_EQ(two[0].id, 7U);
    EXPECT_EQ(two[1].data.size(), 24U);
}

TEST(Frame, MayArriveByteByByteAndSeveralAtOnce) {
    auto stream = reply_frame(1, 10);
    const auto second = reply_frame(2, 0);
    stream.insert(stream.end(), second.begin(), second.end());
    FrameSplitter splitter;
    std::vector<std::uint64_t> ids;
    for (const std::uint8_t byte : stream) {
        splitter.append(&byte, 1);
        while (auto words = splitter.next())
            ids.push_back(read_reply(std::move(*words)).id);
    }
    EXPECT_THAT(ids, testing::ElementsAre(1, 2));
}

TEST(Frame, WrongMarkIsRefused) {
    auto frame = reply_frame(1, 0);
    frame[0] ^= 1;
    FrameSplitter splitter;
    splitter.append(frame.data(), frame.size());
    EXPECT_THROW(splitter.next(), ProtocolError);
}

TEST(Frame, ImpossibleLengthIsRefusedBeforeItIsWaitedFor) {
    auto frame = reply_frame(1, 0);
    frame[7] = 0xff;
    FrameSplitter splitter;
    splitter.append(frame.data(), header_bytes);
    EXPECT_THROW(splitter.next(), ProtocolError);
}

TEST(Frame, EmptyFrameIsRefused) {
    const std::uint8_t header[header_bytes] = {'K', 'L', 'S', '1', 0, 0, 0, 0};
    FrameSplitter splitter;
    splitter.append(header, sizeof header);
    EXPECT_THROW(splitter.next(), ProtocolError);
}

// A kernel that we do not trust wrote these bytes: whatever they are, the
// parser ends, with a reply or with a ProtocolError, and touches nothing else.
TEST(Frame, FlippedBitsNeverEscapeTheParser) {
    std::minstd_rand random(20261121);
    int refused = 0;
    for (int round = 0; round < 20000; ++round) {
        auto frame = reply_frame(7, 64);
        const std::size_t flips = 1 + random() % 4;
        for (std::size_t i = 0; i < flips; ++i)
            frame[header_bytes + random() % (frame.size() - header_bytes)] ^=
                static_cast<std::uint8_t>(1U << random() % 8);
        FrameSplitter splitter;
        splitter.append(frame.data(), frame.size());
        try {
            auto words = splitter.next();
            ASSERT_TRUE(words.has_value());
            EXPECT_LE(read_reply(std::move(*words)).data.size(), limit_reply_data);
        } catch (const ProtocolError &) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace klass::protocol
