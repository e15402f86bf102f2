// SPDX-License-Identifier: Apache-2.0
#include "util/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass {
namespace {

using testing::HasSubstr;

TEST(Sha256, IsThatOfFips180) {
    EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(DigestOfFields, TellsFieldsApart) {
    EXPECT_EQ(Digest().add("ab").add("c").hex(), Digest().add("ab").add("c").hex());
    EXPECT_NE(Digest().add("ab").add("c").hex(), Digest().add("a").add("bc").hex());
    EXPECT_NE(Digest().add("ab").hex(), Digest().add("ab").add("").hex());
    EXPECT_NE(Digest().add("ab").hex(), sha256("ab"));
}

TEST(DigestOfFields, GoesOnAfterHex) {
    Digest digest;
    digest.add("a");
    const std::string first = digest.hex();
    EXPECT_EQ(digest.hex(), first);
    EXPECT_EQ(digest.add("b").hex(), Digest().add("a").add("b").hex());
}

TEST(DigestOfFields, TakesAFileAsItsContents) {
    const TemporaryFolder folder("digest-test");
    const std::string contents(200'000, 'x');
    write_file_atomically(folder.path() / "file", contents);
    EXPECT_EQ(Digest().add_file(folder.path() / "file").hex(), Digest().add(contents).hex());
}

TEST(ReadFile, ReadsAllBytes) {
    const TemporaryFolder folder("digest-test");
    const std::string contents("zero\0byte\n", 10);
    write_file_atomically(folder.path() / "file", contents);
    EXPECT_EQ(read_file(folder.path() / "file"), contents);
}

TEST(ReadFile, SaysWhyItCannot) {
    try {
        read_file("/no/such/file");
        FAIL() << "it read a file that is not there";
    } catch (const GraderFault &fault) {
        EXPECT_STREQ(fault.what(), "cannot read /no/such/file: No such file or directory");
    }
    EXPECT_THROW(read_file("/tmp"), GraderFault);
}

TEST(WriteFile, ReplacesTheFileAndLeavesNothingElse) {
    const TemporaryFolder folder("digest-test");
    const auto file = folder.path() / "file";
    write_file_atomically(file, "old contents");
    write_file_atomically(file, "new");
    EXPECT_EQ(read_file(file), "new");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
    struct stat status {};
    ASSERT_EQ(stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0644U);
}

TEST(WriteFile, KeepsTheOldContentsWhenItFails) {
    const TemporaryFolder folder("digest-test");
    // rename(2) refuses to put a file in the place of a folder.
    std::filesystem::create_directory(folder.path() / "taken");
    EXPECT_THROW(write_file_atomically(folder.path() / "taken", "x"), GraderFault);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(WriteFile, NamesTheFileThatItCannotWrite) {
    try {
        write_file_atomically("/no/such/folder/file", "x");
        FAIL() << "it wrote into a folder that is not there";
    } catch (const GraderFault &fault) {
        EXPECT_THAT(fault.what(), HasSubstr("cannot write /no/such/folder/file: "));
    }
}

}  // namespace
}  // namespace klass
