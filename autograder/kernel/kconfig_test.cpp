// SPDX-License-Identifier: Apache-2.0
#include "kernel/kconfig.h"

#include <gmock/gmock.h>

namespace klass::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(DroppedOptions, NoneWhenEveryLineStuck) {
    EXPECT_THAT(dropped_options("# a comment\n"
                                "CONFIG_SMP=y\n"
                                "\n"
                                "CONFIG_NR_CPUS=8\n"
                                "# CONFIG_IPV6 is not set\n"
                                "CONFIG_LOCALVERSION=\"-klass\"  \n",
                                "CONFIG_SMP=y\nCONFIG_NR_CPUS=8\n"
                                "# CONFIG_IPV6 is not set\nCONFIG_LOCALVERSION=\"-klass\"\n"),
                IsEmpty());
}

TEST(DroppedOptions, NamesAMisspeltOption) {
    EXPECT_THAT(dropped_options("CONFIG_SMP=y\nCONFIG_KASSAN=y\n", "CONFIG_SMP=y\n"),
                ElementsAre(DroppedOption{"CONFIG_KASSAN", "y", "n", 2, {}}));
}

TEST(DroppedOptions, SaysWhatKconfigMadeOfIt) {
    EXPECT_THAT(dropped_options("CONFIG_E1000=m\nCONFIG_NR_CPUS=8\n# CONFIG_NET is not set\n",
                                "CONFIG_E1000=y\nCONFIG_NR_CPUS=64\nCONFIG_NET=y\n"),
                ElementsAre(DroppedOption{"CONFIG_E1000", "m", "y", 1, {}},
                            DroppedOption{"CONFIG_NR_CPUS", "8", "64", 2, {}},
                            DroppedOption{"CONFIG_NET", "n", "y", 3, {}}));
}

TEST(DroppedOptions, OffIsOffWhetherNamedOrNot) {
    EXPECT_THAT(dropped_options("# CONFIG_IPV6 is not set\nCONFIG_WLAN=n\n", "CONFIG_SMP=y\n"),
                IsEmpty());
}

TEST(DroppedOptions, TheLastLineOfAFragmentCounts) {
    EXPECT_THAT(dropped_options("CONFIG_UBSAN=y\n# CONFIG_UBSAN is not set\n", ""), IsEmpty());
}

TEST(StrangeLines, AreThoseThatKconfigWouldPassOver) {
    EXPECT_THAT(strange_lines("# CONFIG_IPV6 is not set\n"
                              "CONFIG_E1000=m\n"
                              "\n"
                              "E1000=m\n"
                              "  CONFIG_SMP=y\n"
                              "CONFIG_NET y\n"
                              "#CONFIG_PCI=y\n"
                              "   \r\n"),
                ElementsAre(StrangeLine{"E1000=m", 4}, StrangeLine{"CONFIG_SMP=y", 5},
                            StrangeLine{"CONFIG_NET y", 6}));
}

TEST(SettingIn, IsThatOfTheLastLine) {
    const std::string fragment =
        "CONFIG_LOCALVERSION=\"-a\"\nCONFIG_LOCALVERSION=\"-b\"\n# CONFIG_IPV6 is not set\n";
    EXPECT_EQ(setting_in(fragment, "CONFIG_LOCALVERSION"), "\"-b\"");
    EXPECT_EQ(setting_in(fragment, "CONFIG_IPV6"), "n");
    EXPECT_EQ(setting_in(fragment, "CONFIG_LOCAL"), std::nullopt);
}

TEST(DroppedOptions, APrefixOfANameIsAnotherOption) {
    EXPECT_THAT(dropped_options("CONFIG_KASAN=y\n", "CONFIG_KASAN_GENERIC=y\n"),
                ElementsAre(DroppedOption{"CONFIG_KASAN", "y", "n", 1, {}}));
}

}  // namespace
}  // namespace klass::kernel
