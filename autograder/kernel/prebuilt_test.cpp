// SPDX-License-Identifier: Apache-2.0
#include "kernel/prebuilt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.h"

namespace klass::kernel {
namespace {

using testing::ElementsAre;

constexpr const char *newest = "linux-image-6.12-cloud-amd64";

TEST(StockPackages, AreThoseOfTheReleaseThatAptNames) {
    const StockPackages packages =
        stock_packages(newest,
                       "linux-image-6.12-cloud-amd64\n"
                       "  Depends: linux-image-6.12.117+deb12-cloud-amd64\n"
                       "  Suggests: linux-image-6.12.99+deb12-cloud-amd64\n");
    EXPECT_EQ(packages.release, "6.12.117+deb12-cloud-amd64");
    EXPECT_THAT(packages.names,
                ElementsAre("linux-image-6.12.117+deb12-cloud-amd64",
                            "linux-headers-6.12.117+deb12-cloud-amd64",
                            "linux-headers-6.12.117+deb12-common", "linux-kbuild-6.12.117+deb12"));
}

TEST(StockPackages, TakesTheFirstOfSeveralWays) {
    EXPECT_EQ(stock_packages(newest,
                             "  |Depends: linux-image-6.12.1+deb12-cloud-amd64\n"
                             "  Depends: linux-image-6.12.1+deb12-cloud-amd64-unsigned\n")
                  .release,
              "6.12.1+deb12-cloud-amd64");
}

TEST(StockPackages, SayHowToGetListsThatLackThem) {
    try {
        stock_packages(newest, "N: Unable to locate package linux-image-6.12-cloud-amd64\n");
        FAIL() << "a release out of nothing";
    } catch (const GraderFault &fault) {
        EXPECT_THAT(fault.way_out(), testing::HasSubstr("apt-get update"));
    }
}

}  // namespace
}  // namespace klass::kernel
