// SPDX-License-Identifier: Apache-2.0
#include "pose/frame_queues.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace klass::pose {
namespace {

using testing::ElementsAre;
using testing::Pair;

Job job(std::uint64_t client, std::uint32_t sequence) {
    return {.client = client, .frame = {.sequence = sequence}, .arrived = {}};
}

/** Takes @p count frames: whose, and their numbers. */
std::vector<std::pair<std::uint64_t, std::uint32_t>> taken(FrameQueues &queues, std::size_t count) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> all;
    while (all.size() < count) {
        const auto next = queues.pop();
        if (!next)
            break;
        all.emplace_back(next->client, next->frame.sequence);
    }
    return all;
}

TEST(FrameQueuesTest, DropsTheOldestWhenFull) {
    FrameQueues queues(2);
    EXPECT_FALSE(queues.push(job(1, 10)));
    EXPECT_FALSE(queues.push(job(1, 11)));
    EXPECT_TRUE(queues.push(job(1, 12)));
    EXPECT_TRUE(queues.push(job(1, 13)));
    EXPECT_THAT(taken(queues, 2), ElementsAre(Pair(1, 12), Pair(1, 13)));
}

TEST(FrameQueuesTest, OneClientsFloodCostsTheOtherNothing) {
    FrameQueues queues(3);
    EXPECT_FALSE(queues.push(job(2, 1)));
    for (std::uint32_t sequence = 0; sequence < 100; ++sequence)
        queues.push(job(1, sequence));
    EXPECT_FALSE(queues.push(job(2, 2)));
    EXPECT_THAT(taken(queues, 5),
                ElementsAre(Pair(2, 1), Pair(1, 97), Pair(2, 2), Pair(1, 98), Pair(1, 99)));
}

TEST(FrameQueuesTest, ForgetsAClientAndItsTurn) {
    FrameQueues queues(3);
    queues.push(job(1, 1));
    queues.push(job(1, 2));
    queues.push(job(2, 3));
    queues.forget(1);
    queues.forget(7);
    EXPECT_THAT(taken(queues, 1), ElementsAre(Pair(2, 3)));
    queues.push(job(1, 4));
    EXPECT_THAT(taken(queues, 1), ElementsAre(Pair(1, 4)));
}

TEST(FrameQueuesTest, CloseEndsThoseWhoWait) {
    FrameQueues queues(1);
    std::thread waiting([&] { EXPECT_FALSE(queues.pop().has_value()); });
    queues.close();
    waiting.join();
    queues.push(job(1, 1));
    EXPECT_FALSE(queues.pop().has_value());
}

TEST(FrameQueuesTest, ThereIsAlwaysRoomForOne) {
    FrameQueues queues(0);
    EXPECT_FALSE(queues.push(job(1, 1)));
    EXPECT_TRUE(queues.push(job(1, 2)));
    EXPECT_THAT(taken(queues, 1), ElementsAre(Pair(1, 2)));
}

}  // namespace
}  // namespace klass::pose
