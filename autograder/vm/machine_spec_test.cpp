// SPDX-License-Identifier: Apache-2.0
#include "vm/machine_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace klass::vm {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

MachineSpec spec() {
    return {.qemu = "/usr/bin/qemu-system-x86_64",
            .kernel = "/cache/bzImage",
            .initrd = "/cache/initrd",
            .append = "console=ttyS0",
            .memory_mib = 64,
            .cpus = 2};
}

MachineFds fds() {
    return {.kernel = 10, .initrd = 11, .ram = 12, .agent = 13, .console = 14, .qmp = 15};
}

TEST(MachineSpec, BootSharesItsMemoryAndACloneDoesNot) {
    EXPECT_THAT(command_line(spec(), fds(), Start::boot), Contains(HasSubstr("share=on")));
    const auto clone = command_line(spec(), fds(), Start::incoming);
    EXPECT_THAT(clone, Contains(HasSubstr("share=off")));
    EXPECT_THAT(clone, Contains("-incoming"));
}

// A QEMU that was taken over must have nothing to open.
TEST(MachineSpec, NamesNoFileOfTheHost) {
    for (const Start start : {Start::boot, Start::incoming})
        EXPECT_THAT(command_line(spec(), fds(), start), Not(Contains(HasSubstr("/cache"))));
}

TEST(MachineSpec, BootAndCloneAreTheSameMachine) {
    auto boot = command_line(spec(), fds(), Start::boot);
    auto clone = command_line(spec(), fds(), Start::incoming);
    clone.resize(clone.size() - 2);  // -incoming defer
    ASSERT_EQ(boot.size(), clone.size());
    const auto different = std::mismatch(boot.begin(), boot.end(), clone.begin());
    EXPECT_THAT(*different.first, HasSubstr("memory-backend-file"));
    EXPECT_TRUE(std::equal(different.first + 1, boot.end(), different.second + 1));
}

TEST(MachineSpec, IcountIsOnlyThereWhenAskedFor) {
    EXPECT_THAT(command_line(spec(), fds(), Start::boot), Not(Contains("-icount")));
    auto measured = spec();
    measured.icount_shift = 1;
    EXPECT_THAT(command_line(measured, fds(), Start::boot), Contains("shift=1,sleep=off"));
}

TEST(MachineSpec, ANetworkCardHangsOnAnInheritedCable) {
    EXPECT_THAT(command_line(spec(), fds(), Start::boot), Not(Contains(HasSubstr("netdev"))));
    auto connected = spec();
    connected.network_card = "e1000";
    auto with_cable = fds();
    with_cable.cable = 16;
    const auto argv = command_line(connected, with_cable, Start::boot);
    EXPECT_THAT(argv, Contains("dgram,id=cable,local.type=fd,local.str=16"));
    EXPECT_THAT(argv, Contains("e1000,netdev=cable,romfile="));
    connected.cable = Cable::own_network;
    EXPECT_THAT(command_line(connected, fds(), Start::boot),
                Contains("user,id=cable,net=10.0.2.0/24,host=10.0.2.2"));
}

TEST(MachineSpec, ReadableFormHasTheFilesNames) {
    EXPECT_THAT(readable_command_line(spec()), Contains("/cache/bzImage"));
}

}  // namespace
}  // namespace klass::vm
