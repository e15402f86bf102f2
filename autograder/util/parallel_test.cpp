// SPDX-License-Identifier: Apache-2.0
#include "util/parallel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace klass {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

std::vector<std::size_t> done_by(std::size_t threads, std::size_t count) {
    std::mutex mutex;
    std::vector<std::size_t> done;
    in_parallel(count, threads, [&](std::size_t at) {
        const std::lock_guard lock(mutex);
        done.push_back(at);
    });
    return done;
}

TEST(Parallel, OneThreadGoesThroughThemInOrder) {
    EXPECT_THAT(done_by(1, 4), ElementsAre(0, 1, 2, 3));
}

TEST(Parallel, EachIsDoneOnce) {
    EXPECT_THAT(done_by(3, 5), UnorderedElementsAre(0, 1, 2, 3, 4));
    EXPECT_THAT(done_by(8, 2), UnorderedElementsAre(0, 1));
    EXPECT_THAT(done_by(2, 0), IsEmpty());
}

TEST(Parallel, SeveralAreUnderWayAtOnce) {
    std::latch all_have_begun(3);
    in_parallel(3, 3, [&](std::size_t) { all_have_begun.arrive_and_wait(); });
}

TEST(Parallel, AfterAnExceptionNothingMoreIsBegun) {
    std::vector<std::size_t> begun;
    EXPECT_THAT(
        [&] {
            in_parallel(4, 1, [&](std::size_t at) {
                begun.push_back(at);
                if (at == 1)
                    throw std::runtime_error("no more");
            });
        },
        ThrowsMessage<std::runtime_error>("no more"));
    EXPECT_THAT(begun, ElementsAre(0, 1));
}

TEST(Parallel, WhatWasBegunIsDoneBeforeTheExceptionIsThrown) {
    std::latch both_have_begun(2);
    bool done = false;
    EXPECT_THROW(in_parallel(2, 2,
                             [&](std::size_t at) {
                                 both_have_begun.arrive_and_wait();
                                 if (at == 0)
                                     throw std::runtime_error("no more");
                                 done = true;
                             }),
                 std::runtime_error);
    EXPECT_TRUE(done);
}

}  // namespace
}  // namespace klass
