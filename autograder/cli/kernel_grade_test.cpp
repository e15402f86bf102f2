// SPDX-License-Identifier: Apache-2.0
// The real program, and submissions of stage 01 that are hostile or broken: a kernel of theirs is
// built and booted, and gains them nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/run_klass.h"
#include "util/digest.h"
#include "util/temporary_folder.h"

namespace klass {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

/** A copy of the reference of stage 01, to be spoiled. */
class GradeKernel : public testing::Test {
  protected:
    GradeKernel() {
        fs::copy(fs::path(KLASS_SOURCE_DIR) / "solutions/01-kernel-build", submission(),
                 fs::copy_options::recursive);
    }
    [[nodiscard]] fs::path submission() const { return folder_.path() / "01-kernel-build"; }
    void write(const std::string &name, const std::string &contents) {
        fs::create_directories((submission() / name).parent_path());
        write_file_atomically(submission() / name, contents);
    }
    /** Grades by one check. */
    Outcome grade(const std::string &check) {
        const fs::path file = folder_.path() / "report.json";
        Outcome outcome = klass({"grade", submission().string(), "--check", check, "--format",
                                 "json", "--output", file.string(), "--quiet"});
        if (fs::exists(file))
            report_ = json::parse(read_file(file));
        return outcome;
    }
    [[nodiscard]] const json &report() const { return report_; }
    [[nodiscard]] const json &check() const { return report_["checks"][0]; }

  private:
    TemporaryFolder folder_{"grade-kernel"};
    json report_;
};

TEST_F(GradeKernel, ADroppedLineIsNamedWithItsReason) {
    write("kernel.config", "CONFIG_E1000=m\n");
    EXPECT_EQ(grade("fragment-stands").exit_code, 1);
    EXPECT_THAT(check()["expected"], HasSubstr("line 1 of kernel.config"));
    EXPECT_THAT(check()["actual"], HasSubstr("it depends on ETHERNET [=n]"));
    const json &diagnostic = report()["build"]["diagnostics"][0];
    EXPECT_EQ(diagnostic["file"], "kernel.config");
    EXPECT_EQ(diagnostic["line"], 1);
}

TEST_F(GradeKernel, CodeInAValueIsTheStudentsFailure) {
    write("kernel.config", "CONFIG_LOCALVERSION=\"-$(shell kill -9 -1)\"\n");
    EXPECT_EQ(grade("local-version").exit_code, 1);
    EXPECT_NE(report()["verdict"], "accepted");
}

// The kernel must not fall back on another program: its shell would look like the student's.
TEST_F(GradeKernel, AnInitThatIsNoProgramEndsInAPanic) {
    write("rootfs/init", std::string("\177ELF no, it is not\n\0\0\xff", 23));
    EXPECT_EQ(grade("shell-answers").exit_code, 1);
    EXPECT_EQ(check()["status"], "crashed");
    EXPECT_EQ(check()["crash"]["kind"], "panic");
}

TEST_F(GradeKernel, AnInitThatNeverEndsItsOutputIsNoPass) {
    write("rootfs/init", "#!/bin/sh\nyes klass-begin-0 klass-end-0-0\n");
    EXPECT_EQ(grade("shell-answers").exit_code, 1);
    EXPECT_NE(check()["status"], "passed");
}

TEST_F(GradeKernel, AHugeInitramfsIsRefusedByName) {
    std::ofstream(submission() / "rootfs/huge") << "x";
    fs::resize_file(submission() / "rootfs/huge", 100 << 20);
    const Outcome outcome = grade("shell-answers");
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.output, HasSubstr("rootfs/huge"));
}

TEST_F(GradeKernel, ASubmissionWithoutAnInitSaysSo) {
    fs::remove(submission() / "rootfs/init");
    EXPECT_EQ(grade("shell-answers").exit_code, 1);
    EXPECT_EQ(report()["verdict"], "build_error");
    EXPECT_THAT(report()["build"].dump(), HasSubstr("rootfs/init"));
}

}  // namespace
}  // namespace klass
