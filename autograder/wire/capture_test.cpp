// SPDX-License-Identifier: Apache-2.0
#include "wire/capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <cstdio>
#include <memory>

namespace klass::wire {
namespace {

/** The frames of a pcap file, read by libpcap. */
std::vector<Bytes> frames_in(Bytes file) {
    char error[PCAP_ERRBUF_SIZE];
    FILE *stream = fmemopen(file.data(), file.size(), "r");
    const std::unique_ptr<pcap_t, void (*)(pcap_t *)> reader(pcap_fopen_offline(stream, error),
                                                             pcap_close);
    EXPECT_NE(reader, nullptr) << error;
    std::vector<Bytes> frames;
    pcap_pkthdr *header = nullptr;
    const u_char *bytes = nullptr;
    while (reader && pcap_next_ex(reader.get(), &header, &bytes) == 1)
        frames.emplace_back(bytes, bytes + header->caplen);
    EXPECT_EQ(pcap_datalink(reader.get()), DLT_EN10MB);
    return frames;
}

TEST(CaptureTest, WritesWhatLibpcapReads) {
    Capture capture;
    const Bytes one(60, 0x11);
    const Bytes two(1514, 0x22);
    capture.add(one);
    capture.add(two);
    EXPECT_EQ(capture.frames(), 2U);
    EXPECT_THAT(frames_in(capture.file()), testing::ElementsAre(one, two));
}

TEST(CaptureTest, OfNothingIsAFileWithoutFrames) {
    EXPECT_THAT(frames_in(Capture().file()), testing::IsEmpty());
}

TEST(CaptureTest, KeepsTheBeginningOfAFlood) {
    Capture capture;
    for (int i = 0; i < 1000; ++i)
        capture.add(Bytes(1514, static_cast<std::uint8_t>(i)));
    EXPECT_EQ(capture.frames(), Capture::limit / 1514);
    EXPECT_EQ(frames_in(capture.file())[2][0], 2);
}

}  // namespace
}  // namespace klass::wire
