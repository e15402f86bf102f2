// SPDX-License-Identifier: Apache-2.0
#include "judge/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/digest.h"
#include "util/temporary_folder.h"

namespace klass::judge {
namespace {

using State = Finding::State;
using testing::HasSubstr;

constexpr const char *list = R"(# a comment of many words
qemu-system-x86 run
gcc run

gdb look
clang dev
g++ build
linux-image-6.12-cloud-amd64 preview
)";

TEST(NeededPackages, OfTheCheckoutAreInGroupsThatTheDoctorKnows) {
    const auto packages = needed_packages(read_file(KLASS_SOURCE_DIR "/packages.txt"));
    EXPECT_GT(packages.size(), 40U);
    std::vector<std::string> installed;
    for (const NeededPackage &package : packages)
        if (package.group == "run" || package.group == "build" || package.group == "look" ||
            package.group == "pose" || package.group == "book" || package.group == "dev" ||
            package.group == "preview")
            installed.push_back(package.name);
    EXPECT_EQ(installed.size(), packages.size());
}

TEST(PackageFindings, AllIsWell) {
    for (const Finding &finding : package_findings(
             needed_packages(list), {"qemu-system-x86", "gcc", "gdb", "clang", "g++"}, true))
        EXPECT_EQ(finding.state, State::ok) << finding.what;
}

TEST(PackageFindings, OneCommandMendsAGroup) {
    const auto findings = package_findings(needed_packages(list), {"clang", "g++"}, false);
    ASSERT_EQ(findings.size(), 6U);  // one for each group but preview
    EXPECT_EQ(findings[0].state, State::missing);
    EXPECT_EQ(findings[0].mend, "sudo apt-get install --no-install-recommends qemu-system-x86 gcc");
    // Without gdb one can grade.
    EXPECT_EQ(findings[2].state, State::note);
    EXPECT_THAT(findings[2].what, HasSubstr("klass debug"));
    EXPECT_THAT(findings[2].mend, HasSubstr("gdb"));
}

TEST(MendNamespaces, BlamesTheSwitchThatIsOff) {
    EXPECT_THAT(mend_namespaces("0", "100", ""), HasSubstr("unprivileged_userns_clone=1"));
    EXPECT_THAT(mend_namespaces("1", "0", ""), HasSubstr("max_user_namespaces"));
    EXPECT_THAT(mend_namespaces("1", "100", "1"), HasSubstr("apparmor"));
    EXPECT_EQ(mend_namespaces("1", "100", "0"), "");
    EXPECT_EQ(mend_namespaces("", "", ""), "");
}

TEST(SizeText, IsInUnitsThatPeopleUse) {
    EXPECT_EQ(size_text(0), "0 MiB");
    EXPECT_EQ(size_text(1), "1 MiB");
    EXPECT_EQ(size_text(std::uint64_t{82} << 20), "82 MiB");
    EXPECT_EQ(size_text(std::uint64_t{3} << 29), "1.5 GiB");
}

TEST(DiskUsage, CountsWhatIsThereAndNotHoles) {
    const TemporaryFolder folder("test");
    EXPECT_EQ(disk_usage(folder.path()), 0U);
    std::filesystem::create_directory(folder.path() / "sub");
    const std::uint64_t before = disk_usage(folder.path());
    write_file_atomically(folder.path() / "sub/file", std::string(100000, 'x'));
    EXPECT_GE(disk_usage(folder.path()), before + 100000);
    write_file_atomically(folder.path() / "hole", "");
    std::filesystem::resize_file(folder.path() / "hole", std::uintmax_t{1} << 30);
    EXPECT_LT(disk_usage(folder.path()), std::uint64_t{100} << 20);
    EXPECT_EQ(disk_usage(folder.path() / "no-such"), 0U);
}

TEST(CacheEntries, SayWhatIsNoLongerUsed) {
    const TemporaryFolder folder("test");
    Paths paths;
    paths.course = KLASS_SOURCE_DIR;
    paths.cache = folder.path();
    const auto old = folder.path() / "kernel" / "debug-0000000000000000";
    std::filesystem::create_directories(old);
    write_file_atomically(old / "kernel.json",
                          R"({"format": 1, "flavour": "debug", "release": "1.2.3", "key": "0"})");
    const auto entries = cache_entries(paths);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].path, old);
    EXPECT_THAT(entries[0].what, HasSubstr("1.2.3"));
    EXPECT_FALSE(entries[0].used);
}

}  // namespace
}  // namespace klass::judge
