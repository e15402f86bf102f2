// SPDX-License-Identifier: Apache-2.0
#include "kernel/submission.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::kernel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class SubmissionTest : public testing::Test {
  protected:
    void write(const fs::path &file, std::string_view contents = "x") {
        fs::create_directories((folder() / file).parent_path());
        std::ofstream(folder() / file) << contents;
    }
    [[nodiscard]] fs::path folder() const { return folder_.path(); }

    /** What from_folder() objects to. */
    std::string refusal(const SubmissionLimits &limits = {}) {
        try {
            Submission::from_folder(folder(), limits);
        } catch (const UsageError &error) {
            return error.what();
        }
        return "nothing was refused";
    }

  private:
    TemporaryFolder folder_{"submission-test"};
};

TEST_F(SubmissionTest, TakesTheSourcesAndLeavesTheRest) {
    for (const char *file :
         {"hello.c", "Kbuild", "sub/part.h", "hello.o", "hello.ko", "hello.mod", "hello.mod.c",
          ".hello.ko.cmd", ".git/config", "modules.order", "Module.symvers", "hello.c~",
          "mutants/leak.patch", "sub/mutants/kept.c"})
        write(file);
    EXPECT_THAT(Submission::from_folder(folder()).files,
                ElementsAre("Kbuild", "hello.c", "sub/mutants/kept.c", "sub/part.h"));
}

TEST_F(SubmissionTest, LeavesOutWhatACompilerMadeAtTheTop) {
    const std::string program = "\177ELF\2" + std::string(100, 'x');
    write("client.cpp");
    const std::string without = Submission::from_folder(folder()).sha256;
    write("client", program);
    EXPECT_EQ(Submission::from_folder(folder(), {.bytes_per_file = 50}).sha256, without);
    write("rootfs/init", program);
    write("notes", "ELF");
    EXPECT_THAT(Submission::from_folder(folder()).files,
                ElementsAre("client.cpp", "notes", "rootfs/init"));
    fs::remove_all(folder() / "rootfs");
    fs::remove(folder() / "notes");
    fs::remove(folder() / "client.cpp");
    EXPECT_THAT(refusal(), HasSubstr("holds no source"));
}

TEST_F(SubmissionTest, IdentityIsOfNamesAndContents) {
    write("a.c", "one");
    const std::string first = Submission::from_folder(folder()).sha256;
    EXPECT_EQ(Submission::from_folder(folder()).sha256, first);
    write("a.o", "a build product changes nothing");
    EXPECT_EQ(Submission::from_folder(folder()).sha256, first);
    write("a.c", "two");
    EXPECT_NE(Submission::from_folder(folder()).sha256, first);
    fs::rename(folder() / "a.c", folder() / "b.c");
    write("b.c", "one");
    EXPECT_NE(Submission::from_folder(folder()).sha256, first);
}

TEST_F(SubmissionTest, CopiesWhatItRead) {
    write("hello.c", "int x;\n");
    write("sub/part.h", "\0y");
    write("hello.ko", "stale");
    const TemporaryFolder target("submission-target");
    Submission::from_folder(folder()).copy_to(target.path());
    EXPECT_EQ(read_file(target.path() / "hello.c"), "int x;\n");
    EXPECT_TRUE(fs::exists(target.path() / "sub/part.h"));
    EXPECT_FALSE(fs::exists(target.path() / "hello.ko"));
}

TEST_F(SubmissionTest, NoticesAnEditBetweenReadingAndCopying) {
    write("hello.c", "first");
    const Submission submission = Submission::from_folder(folder());
    write("hello.c", "second");
    const TemporaryFolder target("submission-target");
    EXPECT_THROW(submission.copy_to(target.path()), UsageError);
}

TEST_F(SubmissionTest, ALinkThatTookAFilesPlaceIsNotFollowed) {
    write("hello.c", "first");
    const Submission submission = Submission::from_folder(folder());
    fs::remove(folder() / "hello.c");
    fs::create_symlink("/etc/passwd", folder() / "hello.c");
    const TemporaryFolder target("submission-target");
    EXPECT_THROW(submission.copy_to(target.path()), UsageError);
    EXPECT_TRUE(fs::is_empty(target.path()));
}

TEST_F(SubmissionTest, RefusesLinksDevicesAndNothing) {
    EXPECT_THAT(refusal(), HasSubstr("holds no source"));
    fs::create_symlink("/etc/passwd", folder() / "notes.txt");
    EXPECT_THAT(refusal(), HasSubstr("notes.txt is a symbolic link"));
    fs::remove(folder() / "notes.txt");
    ASSERT_EQ(mkfifo((folder() / "pipe").c_str(), 0600), 0);
    EXPECT_THAT(refusal(), HasSubstr("pipe is not a regular file"));
    EXPECT_THROW(Submission::from_folder(folder() / "nowhere"), UsageError);
}

TEST_F(SubmissionTest, KeepsToItsLimits) {
    write("a.c", "12345");
    write("b.c", "12345");
    EXPECT_THAT(refusal({.files = 1}), HasSubstr("more than 1 files and folders"));
    EXPECT_THAT(refusal({.bytes_per_file = 4}), HasSubstr("larger than the 4 bytes"));
    EXPECT_THAT(refusal({.bytes = 9}), HasSubstr("larger than 9 bytes: b.c"));
    EXPECT_EQ(refusal({.files = 2, .bytes_per_file = 5, .bytes = 10}), "nothing was refused");
    fs::create_directories(folder() / "1/2/3/4/5/6/7/8/9");
    EXPECT_THAT(refusal(), HasSubstr("nested too deeply"));
}

}  // namespace
}  // namespace klass::kernel
