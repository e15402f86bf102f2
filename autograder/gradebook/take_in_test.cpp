// SPDX-License-Identifier: Apache-2.0
#include "gradebook/take_in.h"

#include <gmock/gmock.h>

#include "gradebook/class_fixture.h"
#include "intake/archive.h"
#include "util/digest.h"

namespace klass::gradebook {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class TakenInto : public WithGradebook {
  protected:
    TakenIn take() {
        const auto progress = silent_progress();
        return take_in(database(), terms_.stage, {folder_.path() / "class"}, {.marks = {"hello.c"}},
                       *progress);
    }
    void put(const std::string &path, const std::string &contents) {
        fs::create_directories((folder_.path() / path).parent_path());
        write_file_atomically(folder_.path() / path, contents);
    }
};

TEST_F(TakenInto, FilesAndAllAndOnce) {
    put("class/ada/hello.c", "int a;");
    put("class/bob/hello.c", "int a;");
    put("class/eve/hello.c", "int e;");
    EXPECT_EQ(take().fresh, 3U);
    EXPECT_EQ(take().fresh, 0U);
    EXPECT_EQ(choose_latest().queued, 2U);

    fs::create_directory(folder_.path() / "out");
    const auto refused =
        intake::unpack_text(source_of(database(), entry_of("eve").hand_in->submission),
                            folder_.path() / "out", intake::student_archive);
    EXPECT_TRUE(refused.empty());
    EXPECT_EQ(read_file(folder_.path() / "out/hello.c"), "int e;");
}

TEST_F(TakenInto, WhatChangesIsANewHandIn) {
    put("class/ada/hello.c", "int a;");
    take();
    put("class/ada/hello.c", "int b;");
    fs::last_write_time(folder_.path() / "class/ada/hello.c",
                        fs::file_time_type::clock::now() + std::chrono::hours{1});
    EXPECT_EQ(take().fresh, 1U);
    EXPECT_EQ(entry_of("ada").hand_ins, 2U);
}

TEST_F(TakenInto, AFindingNamesWhatTheStudentKnows) {
    put("class/ada/hello.c", "int a;");
    fs::create_symlink("/etc/passwd", folder_.path() / "class/ada/link.c");
    put("class/bob/hello.c", std::string(2 << 20, 'x'));
    fs::create_directories(folder_.path() / "class/eve");
    take();
    EXPECT_THAT(entry_of("ada").hand_in->finding, HasSubstr("link.c is a symbolic link"));
    EXPECT_THAT(entry_of("ada").hand_in->finding, Not(HasSubstr(folder_.path().string())));
    EXPECT_THAT(entry_of("bob").hand_in->finding, HasSubstr("hello.c is larger"));
    EXPECT_THAT(entry_of("eve").hand_in->finding, HasSubstr("holds no source"));
}

}  // namespace
}  // namespace klass::gradebook
