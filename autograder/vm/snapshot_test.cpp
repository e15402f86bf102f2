// SPDX-License-Identifier: Apache-2.0
#include "vm/snapshot.h"

#include <gmock/gmock.h>

#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::vm {
namespace {

using testing::HasSubstr;

TEST(Snapshot, IsNotBegunWithoutRoomForIt) {
    const TemporaryFolder cache("test");
    const auto progress = progress_to(-1);
    SnapshotStore store(cache.path(), *progress);
    const MachineSpec spec{.memory_mib = 1U << 30U};
    try {
        store.obtain(spec, "a giant", {}, "0123456789abcdef", [](Machine &) {
            ADD_FAILURE() << "no disk has so much";
            return std::string();
        });
        FAIL() << "no disk has so much";
    } catch (const GraderFault &fault) {
        EXPECT_THAT(fault.what(), HasSubstr(cache.path().string()));
        EXPECT_THAT(fault.way_out(), HasSubstr("KLASS_CACHE"));
    }
}

}  // namespace
}  // namespace klass::vm
