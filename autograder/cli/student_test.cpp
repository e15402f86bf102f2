// SPDX-License-Identifier: Apache-2.0
// The real program, as a student calls it who works for days: start, grade, hint, status, list.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/run_klass.h"
#include "util/digest.h"
#include "util/temporary_folder.h"

namespace klass {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const fs::path course = KLASS_SOURCE_DIR;

/** A student of whom nothing is remembered yet, and whom git does not know. */
class Student : public testing::Test {
  protected:
    Outcome run_klass(std::vector<std::string> words) {
        return klass(std::move(words), {{"KLASS_STATE", (folder_.path() / "state").string()},
                                        {"GIT_CONFIG_GLOBAL", "/dev/null"},
                                        {"GIT_CONFIG_NOSYSTEM", "1"},
                                        {"LC_ALL", "C"}});
    }
    void start(const std::string &stage) {
        ASSERT_EQ(run_klass({"start", stage, work().string()}).exit_code, 0);
    }
    void replace(const std::string &file, const std::string &old_text, const std::string &text) {
        std::string contents = read_file(work() / file);
        const std::size_t at = contents.find(old_text);
        ASSERT_NE(at, std::string::npos) << old_text;
        write_file_atomically(work() / file, contents.replace(at, old_text.size(), text));
    }
    void solve(const std::string &stage, const std::string &file) {
        fs::copy_file(course / "solutions" / stage / file, work() / file,
                      fs::copy_options::overwrite_existing);
    }
    [[nodiscard]] fs::path work() const { return folder_.path() / "my work"; }
    /** What clangd says of a file: one line an error, and a line with their number. */
    std::string clangd(const std::string &file) {
        const Outcome outcome = run({.argv = {"clangd", "--check=" + (work() / file).string()},
                                     .environment = {{"XDG_CACHE_HOME", folder_.path().string()}},
                                     .timeout = std::chrono::minutes{5}});
        std::string said;
        for (std::size_t at = 0; at < outcome.output.size();) {
            const std::size_t end = std::min(outcome.output.find('\n', at), outcome.output.size());
            const std::string line = outcome.output.substr(at, end - at);
            if (line.starts_with("E[") || line.find("All checks completed") != std::string::npos)
                said += line + "\n";
            at = end + 1;
        }
        return said;
    }

  private:
    TemporaryFolder folder_{"student-test"};
};

TEST_F(Student, AnEditorUnderstandsTheKernelsCodeAtOnce) {
    start("04-chardev");
    EXPECT_THAT(clangd("chardev.c"), HasSubstr("All checks completed, 0 errors"));
    // So it would have told of an error.
    replace("chardev.c", "module_init(", "int nonsense = no_such_symbol;\nmodule_init(");
    EXPECT_THAT(clangd("chardev.c"), HasSubstr("no_such_symbol"));
}

TEST_F(Student, AnEditorUnderstandsEachFileOfAStageWithSeveral) {
    start("06-mymem");
    const auto commands = nlohmann::json::parse(read_file(work() / "compile_commands.json"));
    // The third file is a program, and no module.
    EXPECT_EQ(commands.size(), 2U);
    EXPECT_THAT(clangd("mymem_test.c"), HasSubstr("All checks completed, 0 errors"));
}

TEST_F(Student, AnEditorUnderstandsTheProgramBesideTheModule) {
    start("07-camera-offload");
    EXPECT_THAT(clangd("camera.cpp"), HasSubstr("All checks completed, 0 errors"));
    EXPECT_THAT(clangd("connection.cpp"), HasSubstr("All checks completed, 0 errors"));
    // In this one clangd fails to offer some of its refactorings, which it counts as errors.
    EXPECT_THAT(clangd("client.cpp"),
                testing::AllOf(HasSubstr("All checks completed"), Not(HasSubstr("] Line "))));
    replace("client.cpp", "#include", "int nonsense = no_such_symbol;\n#include");
    EXPECT_THAT(clangd("client.cpp"), testing::ContainsRegex("] Line [0-9]+: .*no_such_symbol"));
    EXPECT_THAT(clangd("camera_offload.c"), HasSubstr("All checks completed, 0 errors"));
    const auto commands = nlohmann::json::parse(read_file(work() / "compile_commands.json"));
    std::vector<std::string> files;
    for (const auto &command : commands)
        files.push_back(fs::path(command["file"].get<std::string>()).filename());
    // The module's is first: by it klass sees whether the commands are old.
    EXPECT_THAT(files, testing::ElementsAre("camera_offload.c", "client.cpp", "camera.cpp",
                                            "connection.cpp"));
}

TEST_F(Student, CommandsThatAreMissingOrOldAreMadeAtAGrading) {
    start("03-hello-module");
    const std::string commands = read_file(work() / "compile_commands.json");
    fs::remove(work() / "compile_commands.json");
    run_klass({"grade", work().string(), "--check", "modinfo"});
    EXPECT_EQ(read_file(work() / "compile_commands.json"), commands);
    write_file_atomically(work() / "compile_commands.json",
                          R"([{"directory": "/an/old/kernel", "file": "x.c"}])");
    run_klass({"grade", work().string(), "--check", "modinfo"});
    EXPECT_EQ(read_file(work() / "compile_commands.json"), commands);
    // A folder that klass start did not make gets no files from us.
    fs::remove(work() / "compile_commands.json");
    fs::remove(work() / ".clangd");
    run_klass({"grade", work().string(), "--check", "modinfo"});
    EXPECT_FALSE(fs::exists(work() / "compile_commands.json"));
}

TEST_F(Student, SeesTheirWayFromTheFirstStepToTheLast) {
    EXPECT_THAT(run_klass({"status"}).output, HasSubstr("Nothing was begun yet."));
    EXPECT_THAT(run_klass({"hint", "03-hello-module"}).output,
                HasSubstr("No check of 03-hello-module is known to fail."));
    start("03-hello-module");
    EXPECT_THAT(run_klass({"list"}).output, HasSubstr("Next: klass start 01-kernel-build"));
    EXPECT_THAT(run_klass({"status"}).output, HasSubstr("klass grade '" + work().string() + "'"));

    EXPECT_EQ(run_klass({"grade", work().string(), "--quiet"}).exit_code, 1);
    EXPECT_THAT(run_klass({"list"}).output, HasSubstr("0/100  9 checks open"));
    const std::string first = run_klass({"hint", "03-hello-module"}).output;
    EXPECT_THAT(first, HasSubstr("Loading it greets whom the parameter names"));
    EXPECT_THAT(first, HasSubstr("Hint 1 of"));
    EXPECT_THAT(run_klass({"hint", "03-hello-module"}).output, HasSubstr("Hint 2 of"));
    EXPECT_THAT(run_klass({"hint", "03-hello-module", "--again"}).output, HasSubstr("Hint 2 of"));
    EXPECT_THAT(run_klass({"status", "03-hello-module"}).output,
                HasSubstr("2 taken, of 1 check; they cost no points"));
    EXPECT_EQ(run_klass({"hint", "03-hello-module", "--reset"}).exit_code, 0);
    EXPECT_THAT(run_klass({"hint", "03-hello-module", "--again"}).output,
                HasSubstr("No hint was taken yet."));

    replace("hello.c", "#include", "oops\n#include");
    EXPECT_EQ(run_klass({"grade", work().string(), "--quiet"}).exit_code, 1);
    EXPECT_THAT(run_klass({"hint", "03-hello-module"}).output, HasSubstr("hello.c:"));
    EXPECT_THAT(run_klass({"list"}).output, HasSubstr("does not build"));

    solve("03-hello-module", "hello.c");
    EXPECT_THAT(run_klass({"status", "03-hello-module"}).output,
                HasSubstr("The files have changed since then."));
    // One check alone is no best.
    EXPECT_EQ(run_klass({"grade", work().string(), "--check", "modinfo", "--quiet"}).exit_code, 0);
    EXPECT_THAT(run_klass({"list"}).output, HasSubstr("0/100  8 checks open"));
    EXPECT_EQ(run_klass({"grade", work().string(), "--quiet"}).exit_code, 0);
    EXPECT_THAT(run_klass({"list"}).output, HasSubstr("100/100  done"));
    EXPECT_THAT(run_klass({"status", "03-hello-module"}).output, HasSubstr("No check is open."));
}

TEST_F(Student, TheReferenceIsNobodysBest) {
    const std::string reference = (course / "solutions/03-hello-module").string();
    EXPECT_EQ(run_klass({"grade", reference, "--check", "modinfo", "--quiet"}).exit_code, 0);
    EXPECT_THAT(run_klass({"status"}).output, HasSubstr("Nothing was begun yet."));
}

TEST_F(Student, AFailedCheckSaysWhereItsWholeLogIs) {
    start("03-hello-module");
    const Outcome outcome = run_klass({"grade", work().string(), "--check", "says-hello"});
    const fs::path log = work().parent_path() / "state/logs/03-hello-module/says-hello.log";
    EXPECT_THAT(outcome.output, HasSubstr("state/logs/03-hello-module/"));
    EXPECT_THAT(read_file(log), HasSubstr("hello: loading out-of-tree module taints kernel."));
    const fs::path elsewhere = work().parent_path() / "logs";
    run_klass({"grade", work().string(), "--check", "says-hello", "--log", elsewhere.string()});
    EXPECT_TRUE(fs::exists(elsewhere / "says-hello.log"));
}

TEST_F(Student, AStateThatCannotBeKeptFailsNoGrading) {
    start("03-hello-module");
    solve("03-hello-module", "hello.c");
    write_file_atomically(work().parent_path() / "state/progress.json", "{}");
    const Outcome outcome = run_klass({"grade", work().string(), "--check", "modinfo"});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.output, HasSubstr("could not be remembered"));
    EXPECT_EQ(run_klass({"list"}).exit_code, 2);
}

}  // namespace
}  // namespace klass
