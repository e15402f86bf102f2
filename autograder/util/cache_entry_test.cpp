// SPDX-License-Identifier: Apache-2.0
#include "util/cache_entry.h"

#include <gtest/gtest.h>

#include <fstream>

#include "util/temporary_folder.h"

namespace klass {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

class CacheEntry : public testing::Test {
  protected:
    /** An entry that was last used so long ago; without a mark it is half made. */
    fs::path entry(const std::string &name, hours ago, bool whole = true) {
        const fs::path path = folder.path() / name;
        fs::create_directory(path);
        std::ofstream(path / "ram") << "contents";
        const auto then = fs::file_time_type::clock::now() - ago;
        if (whole) {
            std::ofstream(path / "note") << "whole";
            fs::last_write_time(path / "note", then);
        } else {
            fs::last_write_time(path, then);
        }
        return path;
    }
    TemporaryFolder folder{"cache-entry-test"};
};

TEST_F(CacheEntry, GoesWhenItWasNotUsedForLong) {
    const fs::path old = entry("old", hours{49});
    const fs::path fresh = entry("fresh", hours{47});
    const fs::path broken = entry("broken", hours{49}, false);
    const fs::path in_the_making = entry("in-the-making", hours{1}, false);
    EXPECT_EQ(remove_unused(folder.path(), "note", hours{48}), 2U);
    EXPECT_FALSE(fs::exists(old));
    EXPECT_FALSE(fs::exists(broken));
    EXPECT_TRUE(fs::exists(fresh / "ram"));
    EXPECT_TRUE(fs::exists(in_the_making / "ram"));
}

TEST_F(CacheEntry, StaysWhenItWasUsedAgain) {
    const fs::path old = entry("old", hours{49});
    mark_used(old / "note");
    EXPECT_EQ(remove_unused(folder.path(), "note", hours{48}), 0U);
    EXPECT_TRUE(fs::exists(old / "ram"));
}

TEST_F(CacheEntry, IsNoErrorWhereThereIsNone) {
    mark_used(folder.path() / "missing" / "note");
    EXPECT_EQ(remove_unused(folder.path() / "missing", "note", hours{1}), 0U);
}

}  // namespace
}  // namespace klass
