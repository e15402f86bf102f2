// SPDX-License-Identifier: Apache-2.0
#include "kernel/symbols.h"

#include <gmock/gmock.h>

#include <unistd.h>

#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>

#include "kernel/blame.h"
#include "util/subprocess.h"

namespace klass::kernel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const fs::path testdata = fs::path{KLASS_SOURCE_DIR} / "autograder/kernel/testdata";
constexpr const char *root = "/klass/submission";

std::string run_or_throw(std::vector<std::string> argv) {
    Command command;
    command.argv = std::move(argv);
    const Outcome outcome = run(command);
    if (!outcome.ok())
        throw std::runtime_error(outcome.output);
    return outcome.output;
}

std::string contents(const fs::path &file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/** Number of the line of testdata/FILE that holds a text. */
int line_with(const std::string &file, const std::string &text) {
    std::ifstream stream(testdata / file);
    std::string line;
    for (int number = 1; std::getline(stream, line); ++number)
        if (line.find(text) != std::string::npos)
            return number;
    throw std::runtime_error("no such line: " + text);
}

class SymbolsTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("klass-symbols-" + std::to_string(getpid()));
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    /** Compiles as Kbuild does: debug information, and the paths of the sandbox. */
    fs::path compile(const std::string &source, const std::string &name,
                     const std::vector<std::string> &more = {}) {
        fs::path object = folder_ / name;
        std::vector<std::string> argv{"gcc",
                                      "-g",
                                      "-O2",
                                      "-fno-pic",
                                      "-c",
                                      "-ffile-prefix-map=" + testdata.string() + "=" + root,
                                      (testdata / source).string(),
                                      "-o",
                                      object.string()};
        argv.insert(argv.end(), more.begin(), more.end());
        run_or_throw(argv);
        return object;
    }

    fs::path module() { return compile("symbols.c", "my-module.ko"); }

    /** The size of the one function of that name. */
    static std::uint64_t size_of(const fs::path &object, const std::string &function) {
        std::istringstream lines(run_or_throw({"nm", "-S", object.string()}));
        std::string address;
        std::string size;
        std::string type;
        std::string name;
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            if (words >> address >> size >> type >> name && name == function)
                return std::stoull(size, nullptr, 16);
        }
        throw std::runtime_error("no function " + function);
    }

    static Frame frame(const std::string &function, std::uint64_t offset, std::uint64_t size = 0) {
        Frame made;
        made.function = function;
        made.offset = offset;
        made.size = size;
        made.module = "my_module";
        return made;
    }

    /** What all addresses of a function come to, without what came twice. */
    static std::vector<std::vector<Frame>> all_of(const ModuleSymbols &symbols,
                                                  const std::string &function, std::uint64_t size) {
        std::vector<Frame> frames;
        for (std::uint64_t offset = 0; offset < size; ++offset) {
            frames.push_back(frame(function, offset, size));
            frames.back().exact = true;
        }
        return symbols.resolve(frames);
    }

    fs::path folder_;
};

auto is_at(const std::string &function, const std::string &mark) {
    return AllOf(Field(&Frame::function, function), Field(&Frame::file, "symbols.c"),
                 Field(&Frame::line, line_with("symbols.c", "/* " + mark + " */")),
                 Field(&Frame::text, testing::EndsWith("/* " + mark + " */")));
}

TEST_F(SymbolsTest, NamesTheModuleAsTheKernelDoes) {
    EXPECT_EQ(ModuleSymbols(module(), testdata, root).name(), "my_module");
}

TEST_F(SymbolsTest, ShowsInlinedCallsInnermostFirst) {
    const fs::path object = module();
    const ModuleSymbols symbols(object, testdata, root);
    EXPECT_THAT(all_of(symbols, "outer", size_of(object, "outer")),
                Contains(ElementsAre(is_at("innermost", "innermost"), is_at("middle", "middle"),
                                     is_at("outer", "outer"))));
}

TEST_F(SymbolsTest, TakesAReturnAddressForTheCallBeforeIt) {
    const fs::path object = module();
    const ModuleSymbols symbols(object, testdata, root);
    const std::uint64_t size = size_of(object, "ends_in_a_call");
    // The function ends with the call, so that the return address is behind its end.
    EXPECT_THAT(symbols.resolve(frame("ends_in_a_call", size)),
                ElementsAre(is_at("ends_in_a_call", "noreturn")));
    Frame exact = frame("ends_in_a_call", size);
    exact.exact = true;
    EXPECT_THAT(symbols.resolve(exact), ElementsAre(Field(&Frame::line, 0)));
}

TEST_F(SymbolsTest, FindsTheCopyOfAFunction) {
    const fs::path object = module();
    const ModuleSymbols symbols(object, testdata, root);
    EXPECT_THAT(all_of(symbols, "copied.constprop.0", size_of(object, "copied.constprop.0")),
                Contains(ElementsAre(is_at("copied.constprop.0", "constprop"))));
}

TEST_F(SymbolsTest, TellsFunctionsOfOneNameByTheirSizes) {
    const fs::path long_one = compile("same_name.c", "long.o", {"-DLONG"});
    const fs::path short_one = compile("same_name.c", "short.o");
    const fs::path object = folder_ / "my-module.ko";
    run_or_throw({"ld", "-r", "-o", object.string(), long_one.string(), short_one.string()});
    const ModuleSymbols symbols(object, testdata, root);
    const auto lines = [&](const fs::path &part) {
        std::vector<int> found;
        for (const auto &places : all_of(symbols, "work", size_of(part, "work")))
            found.push_back(places.front().line);
        return found;
    };
    const int of_long = line_with("same_name.c", "the long one");
    const int of_short = line_with("same_name.c", "the short one");
    EXPECT_THAT(lines(long_one), AllOf(Contains(of_long), Not(Contains(of_short))));
    EXPECT_THAT(lines(short_one), AllOf(Contains(of_short), Not(Contains(of_long))));
}

TEST_F(SymbolsTest, LeavesAFrameAloneOfWhichItKnowsNothing) {
    const ModuleSymbols symbols(module(), testdata, root);
    for (const Frame &unknown : {frame("nobody", 4), frame("outer", 1 << 20), frame("0x0", 0)})
        EXPECT_THAT(symbols.resolve(unknown),
                    ElementsAre(AllOf(Field(&Frame::function, unknown.function),
                                      Field(&Frame::file, ""), Field(&Frame::line, 0))));
}

TEST_F(SymbolsTest, SaysNothingOfSourcesOutsideTheSubmission) {
    const fs::path object = module();
    const ModuleSymbols symbols(object, testdata, "/klass/another");
    EXPECT_THAT(symbols.resolve(frame("outer", 1)), Contains(Field(&Frame::file, IsEmpty())));
}

TEST_F(SymbolsTest, DoesNotFollowALinkOutOfTheSources) {
    const fs::path object = module();
    const fs::path sources = folder_ / "sources";
    fs::create_directories(sources);
    fs::create_symlink(testdata / "symbols.c", sources / "symbols.c");
    const auto places = ModuleSymbols(object, sources, root).resolve(frame("outer", 1));
    EXPECT_THAT(places,
                Contains(AllOf(Field(&Frame::file, "symbols.c"), Field(&Frame::text, IsEmpty()))));
}

TEST_F(SymbolsTest, FindsNothingInWhatIsNoModule) {
    const fs::path file = folder_ / "my-module.ko";
    const auto finds_nothing = [&] {
        return ModuleSymbols(file, testdata, root).resolve(frame("outer", 1)).front().file.empty();
    };
    EXPECT_TRUE(finds_nothing()) << "no file";
    fs::create_directory(file);
    EXPECT_TRUE(finds_nothing()) << "a folder";
    fs::remove(file);
    std::ofstream(file) << "no ELF at all";
    EXPECT_TRUE(finds_nothing());
}

TEST_F(SymbolsTest, SurvivesBrokenModules) {
    const std::string whole = contents(module());
    const fs::path file = folder_ / "broken.ko";
    std::vector<Frame> frames;
    for (std::uint64_t offset = 0; offset < 32; offset += 4)
        frames.push_back(frame("outer", offset));
    std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same bytes each time
    const auto any = [&random](std::size_t below) { return random() % below; };
    for (int i = 0; i < 200; ++i) {
        std::string broken = whole;
        if (i % 4 == 0)
            broken.resize(any(whole.size()));
        else
            for (int flips = 0; flips < 8; ++flips) {
                char &byte = broken[any(broken.size())];
                byte = static_cast<char>(static_cast<unsigned>(byte) ^ 1U << any(8));
            }
        std::ofstream(file, std::ios::binary) << broken;
        const auto places = ModuleSymbols(file, testdata, root).resolve(frames);
        ASSERT_THAT(places, SizeIs(frames.size()));
        for (const auto &nested : places) {
            ASSERT_FALSE(nested.empty());
            ASSERT_EQ(nested.back().module, "my_module");
        }
    }
}

TEST_F(SymbolsTest, GivesAReportItsLines) {
    const fs::path object = module();
    std::vector<ModuleSymbols> modules;
    modules.emplace_back(object, testdata, root);
    std::ostringstream fault;
    fault << "RIP: 0010:ends_in_a_call+0x0/0x" << std::hex << size_of(object, "ends_in_a_call")
          << " [my_module]";
    const std::vector<std::string> console{
        "BUG: kernel NULL pointer dereference, address: 0000000000000000",
        "Oops: Oops: 0000 [#1] PREEMPT SMP KASAN",
        fault.str(),
        "Call Trace:",
        " <TASK>",
        " vfs_read+0x10/0x80",
        " </TASK>",
        "---[ end trace 0000000000000000 ]---"};
    auto reports = classify(console);
    resolve_frames(reports, modules);
    ASSERT_THAT(reports, SizeIs(1));
    EXPECT_THAT(reports[0].frames,
                ElementsAre(AllOf(Field(&Frame::function, "ends_in_a_call"),
                                  Field(&Frame::file, "symbols.c")),
                            AllOf(Field(&Frame::function, "vfs_read"), Field(&Frame::file, ""))));
}

}  // namespace
}  // namespace klass::kernel
