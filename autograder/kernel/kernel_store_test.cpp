// SPDX-License-Identifier: Apache-2.0
#include "kernel/kernel_store.h"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "kernel/kernel_source.h"
#include "kernel/recipe.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/temporary_folder.h"

namespace klass::kernel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

/** A store over a course of two-line fragments and an empty cache. */
class KernelStoreTest : public testing::Test {
  protected:
    KernelStoreTest() {
        write(paths_.course / "kmod/config/base.config", "CONFIG_SMP=y\n");
        write(paths_.course / "kmod/config/debug.config", "CONFIG_KASAN=y\n");
        write(paths_.course / "kmod/config/fast.config", "CONFIG_PVH=y\n");
        write(paths_.course / "kmod/kbuild/probes.mk", "# none\n");
        write(paths_.course / "kmod/kbuild/unwatched.mk", "# none\n");
    }

    static void write(const fs::path &file, std::string_view contents) {
        fs::create_directories(file.parent_path());
        std::ofstream(file) << contents;
    }

    /** Puts what a finished build leaves into the cache. */
    fs::path pretend_built(Flavour flavour) {
        const std::string key = store_.key(flavour);
        fs::path folder =
            paths_.cache / "kernel" / (std::string(to_string(flavour)) + "-" + key.substr(0, 16));
        write(folder / "build/arch/x86/boot/bzImage", "image");
        write(folder / "build/vmlinux.boot", "image");
        write(source_folder(paths_.cache) / "Makefile", "# the kernel's");
        write(folder / "kernel.json",
              nlohmann::json{
                  {"format", 1}, {"key", key}, {"release", "6.12.0-test"}, {"objects", 1587}}
                  .dump());
        return folder;
    }

    TemporaryFolder folder_{"kernel-store-test"};
    Paths paths_{
        .course = folder_.path() / "course", .cache = folder_.path() / "cache", .agent = {}};
    std::unique_ptr<Progress> progress_ = silent_progress();
    KernelStore store_{paths_, *progress_};
};

TEST_F(KernelStoreTest, FlavoursHaveNames) {
    EXPECT_EQ(flavour_from("debug"), Flavour::debug);
    EXPECT_EQ(flavour_from(to_string(Flavour::fast)), Flavour::fast);
    EXPECT_THROW(flavour_from("slow"), UsageError);
}

TEST_F(KernelStoreTest, TheKeyIsOfAllThatShapesTheKernel) {
    const std::string debug = store_.key(Flavour::debug);
    EXPECT_EQ(debug.size(), 64U);
    EXPECT_EQ(store_.key(Flavour::debug), debug);
    const std::string fast = store_.key(Flavour::fast);
    EXPECT_NE(fast, debug);
    write(paths_.course / "kmod/kbuild/unwatched.mk", "KASAN_SANITIZE_lockdep.o := n\n");
    const std::string unwatched = store_.key(Flavour::debug);
    EXPECT_NE(unwatched, debug);
    EXPECT_EQ(store_.key(Flavour::fast), fast) << "it has no detectors";
    write(paths_.course / "kmod/config/fast.config", "CONFIG_PVH=n\n");
    EXPECT_EQ(store_.key(Flavour::debug), unwatched) << "the other flavour's fragment is not in it";
    write(paths_.course / "kmod/config/base.config", "CONFIG_SMP=n\n");
    EXPECT_NE(store_.key(Flavour::debug), unwatched);
}

TEST_F(KernelStoreTest, FindsNothingInAnEmptyCache) {
    EXPECT_FALSE(store_.find(Flavour::debug));
}

TEST_F(KernelStoreTest, FindsAWholeKernel) {
    const fs::path debug = pretend_built(Flavour::debug);
    const fs::path fast = pretend_built(Flavour::fast);
    const auto found = store_.find(Flavour::debug);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->release, "6.12.0-test");
    EXPECT_EQ(found->image, debug / "build/arch/x86/boot/bzImage");
    EXPECT_EQ(found->prepared, debug / "prepared");
    ASSERT_TRUE(store_.find(Flavour::fast));
    EXPECT_EQ(store_.find(Flavour::fast)->image, fast / "build/vmlinux.boot");
}

TEST_F(KernelStoreTest, AHalfMadeOrBrokenKernelIsNotFound) {
    const fs::path folder = pretend_built(Flavour::debug);
    fs::rename(folder / "build/arch/x86/boot/bzImage", folder / "elsewhere");
    EXPECT_FALSE(store_.find(Flavour::debug));
    fs::rename(folder / "elsewhere", folder / "build/arch/x86/boot/bzImage");
    EXPECT_TRUE(store_.find(Flavour::debug));
    for (const char *broken :
         {"", "{", "[]", R"({"format": 99})", R"({"format": 1, "key": "0"})"}) {
        write(folder / "kernel.json", broken);
        EXPECT_FALSE(store_.find(Flavour::debug)) << broken;
    }
    fs::remove(folder / "kernel.json");
    EXPECT_FALSE(store_.find(Flavour::debug));
}

TEST_F(KernelStoreTest, AnotherConfigurationIsAnotherKernel) {
    pretend_built(Flavour::debug);
    write(paths_.course / "kmod/config/debug.config", "CONFIG_KASAN=n\n");
    EXPECT_FALSE(store_.find(Flavour::debug));
}

TEST(Recipe, CountsObjectsAndNothingElse) {
    EXPECT_TRUE(names_an_object("  CC      init/main.o"));
    EXPECT_TRUE(names_an_object("  AR      built-in.a"));
    EXPECT_FALSE(names_an_object("  HOSTCC  scripts/basic/fixdep"));
    EXPECT_FALSE(names_an_object("make[1]: Entering directory '/klass/build'"));
}

TEST(Recipe, TheKeysTextDoesNotDependOnTheMachine) {
    EXPECT_THAT(recipe_text(), HasSubstr("CC=ccache gcc\n"));
    EXPECT_THAT(recipe_text(), HasSubstr("KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 1970\n"));
    EXPECT_THAT(recipe_text(), Not(HasSubstr("/root")));
}

}  // namespace
}  // namespace klass::kernel
