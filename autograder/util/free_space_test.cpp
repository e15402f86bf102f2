// SPDX-License-Identifier: Apache-2.0
#include "util/free_space.h"

#include <gmock/gmock.h>

#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(FreeSpace, IsEnoughForLittle) {
    const TemporaryFolder folder("test");
    EXPECT_NO_THROW(require_space(folder.path(), 1, "a byte", "TMPDIR"));
}

TEST(FreeSpace, SaysWhereItLacksAndTheWayOut) {
    const TemporaryFolder folder("test");
    try {
        require_space(folder.path(), std::uintmax_t{1} << 60, "a world", "TMPDIR");
        FAIL() << "no disk has so much";
    } catch (const GraderFault &fault) {
        EXPECT_THAT(fault.what(), AllOf(HasSubstr(folder.path().string()),
                                        HasSubstr("a world may need 1099511627776")));
        EXPECT_THAT(fault.way_out(), HasSubstr("TMPDIR"));
    }
}

TEST(FreeSpace, PassesWhereNobodyCanTell) {
    EXPECT_NO_THROW(require_space("/no/such/folder", 1, "a byte", "TMPDIR"));
}

}  // namespace
}  // namespace klass
