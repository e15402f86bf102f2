// SPDX-License-Identifier: Apache-2.0
#include "kernel/text.h"

#include <gtest/gtest.h>

namespace klass::kernel {
namespace {

TEST(SafeText, LeavesTextAlone) {
    EXPECT_EQ(safe_text("int x;\n\treturn 0; /* \xE5\x86\x85\xE6\xA0\xB8 \xF0\x9F\x90\xA7 */"),
              "int x;\n\treturn 0; /* \xE5\x86\x85\xE6\xA0\xB8 \xF0\x9F\x90\xA7 */");
}

TEST(SafeText, TakesTheEscapeFromATerminalSequence) {
    EXPECT_EQ(safe_text("\x1B[2Jgone\r\n"), "\xEF\xBF\xBD[2Jgone\n");
    EXPECT_EQ(safe_text("\xC2\x9B"), "\xEF\xBF\xBD");
}

TEST(SafeText, ReplacesWhatIsNotUtf8) {
    EXPECT_EQ(safe_text("a\xFFz"), "a\xEF\xBF\xBDz");
    EXPECT_EQ(safe_text("\xE5\x86"), "\xEF\xBF\xBD\xEF\xBF\xBD") << "cut in the middle";
    EXPECT_EQ(safe_text("\xC0\xAF").find('/'), std::string::npos) << "an overlong slash";
    EXPECT_EQ(safe_text("\xED\xA0\x80").find('\xED'), std::string::npos) << "a surrogate";
    EXPECT_EQ(safe_text("\xF4\x90\x80\x80").find('\xF4'), std::string::npos) << "above U+10FFFF";
    EXPECT_EQ(safe_text(std::string_view("\0", 1)), "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace klass::kernel
