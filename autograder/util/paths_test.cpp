// SPDX-License-Identifier: Apache-2.0
#include "util/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>

#include "util/digest.h"
#include "util/error.h"
#include "util/subprocess.h"

namespace klass {
namespace {

namespace fs = std::filesystem;

/** Sets the variables that Paths reads, and puts them back after the test. */
class PathsTest : public testing::Test {
  protected:
    PathsTest() {
        for (const char *name : {"KLASS_COURSE", "KLASS_CACHE", "KLASS_AGENT", "KLASS_STATE",
                                 "XDG_CACHE_HOME", "XDG_STATE_HOME", "HOME", "TMPDIR"}) {
            const char *value = std::getenv(name);
            saved_[name] = value != nullptr ? value : "";
            unsetenv(name);
        }
    }
    ~PathsTest() override {
        for (const auto &[name, value] : saved_)
            value.empty() ? unsetenv(name.c_str()) : setenv(name.c_str(), value.c_str(), 1);
    }

  private:
    std::map<std::string, std::string> saved_;
};

TEST_F(PathsTest, DefaultsToTheCheckoutTheHomeAndTheProgramsFolder) {
    setenv("HOME", "/home/ada", 1);
    const Paths paths = Paths::from_environment();
    EXPECT_EQ(paths.course, KLASS_SOURCE_DIR);
    EXPECT_EQ(paths.cache, "/home/ada/.cache/klass");
    EXPECT_EQ(paths.agent, fs::read_symlink("/proc/self/exe").parent_path() / "klass-agent");
}

TEST_F(PathsTest, PrefersTheEnvironment) {
    setenv("HOME", "/home/ada", 1);
    setenv("KLASS_COURSE", "/srv/course", 1);
    setenv("KLASS_AGENT", "/srv/agent", 1);
    setenv("XDG_CACHE_HOME", "/var/cache", 1);
    EXPECT_EQ(Paths::from_environment().cache, "/var/cache/klass");
    setenv("KLASS_CACHE", "/srv/cache", 1);
    const Paths paths = Paths::from_environment();
    EXPECT_EQ(paths.course, "/srv/course");
    EXPECT_EQ(paths.cache, "/srv/cache");
    EXPECT_EQ(paths.agent, "/srv/agent");
}

TEST_F(PathsTest, TakesAnEmptyVariableForUnsetAndIgnoresARelativeXdgFolder) {
    setenv("HOME", "/home/ada", 1);
    setenv("KLASS_CACHE", "", 1);
    setenv("XDG_CACHE_HOME", "relative", 1);
    EXPECT_EQ(Paths::from_environment().cache, "/home/ada/.cache/klass");
}

TEST_F(PathsTest, KeepsTheStateWhereTheUserWantsItOrNowhere) {
    setenv("KLASS_CACHE", "/srv/cache", 1);
    EXPECT_EQ(Paths::from_environment().state, "");
    setenv("HOME", "/home/ada", 1);
    EXPECT_EQ(Paths::from_environment().state, "/home/ada/.local/state/klass");
    setenv("XDG_STATE_HOME", "relative", 1);
    EXPECT_EQ(Paths::from_environment().state, "/home/ada/.local/state/klass");
    setenv("XDG_STATE_HOME", "/var/state", 1);
    EXPECT_EQ(Paths::from_environment().state, "/var/state/klass");
    setenv("KLASS_STATE", "/srv/state", 1);
    EXPECT_EQ(Paths::from_environment().state, "/srv/state");
}

TEST_F(PathsTest, NeedsAPlaceForTheCache) {
    EXPECT_THROW(Paths::from_environment(), UsageError);
}

}  // namespace
}  // namespace klass
