// SPDX-License-Identifier: Apache-2.0
#include "desk/console_logs.h"

#include <gtest/gtest.h>

#include "util/digest.h"
#include "util/temporary_folder.h"

namespace klass::desk {
namespace {

namespace fs = std::filesystem;

TEST(ConsoleLogs, AreThoseOfTheLastGradingAndNotOfHiddenChecks) {
    const TemporaryFolder folder("logs-test");
    const fs::path logs = folder.path() / "logs" / "04-chardev";
    judge::Verdict verdict;
    verdict.checks = {{.id = "open", .console = "line\r\n"},
                      {.id = "secret", .hidden = true, .console = "secret"},
                      {.id = "well"}};
    write_console_logs(verdict, logs);
    EXPECT_EQ(verdict.checks[0].log_file, logs / "open.log");
    EXPECT_EQ(read_file(logs / "open.log"), "line\r\n");
    EXPECT_EQ(verdict.checks[1].log_file, "");
    EXPECT_FALSE(fs::exists(logs / "secret.log"));
    EXPECT_FALSE(fs::exists(logs / "well.log"));
    verdict.checks[0].console.clear();
    write_console_logs(verdict, logs);
    EXPECT_FALSE(fs::exists(logs / "open.log"));
}

}  // namespace
}  // namespace klass::desk
