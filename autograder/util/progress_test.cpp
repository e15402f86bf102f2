// SPDX-License-Identifier: Apache-2.0
#include "util/progress.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "util/scoped_fd.h"

namespace klass {
namespace {

using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

/** Both ends of a pseudo-terminal of a given width. */
struct Terminal {
    ScopedFd master;
    ScopedFd slave;

    explicit Terminal(unsigned short columns) {
        int master_fd = -1;
        int slave_fd = -1;
        winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
        if (openpty(&master_fd, &slave_fd, nullptr, nullptr, &size) != 0)
            throw std::runtime_error("no pseudo-terminal");
        master.reset(master_fd);
        slave.reset(slave_fd);
    }
};

/** What was written so far. */
std::string drain(int fd) {
    std::string text;
    std::array<char, 4096> piece{};
    pollfd event{fd, POLLIN, 0};
    while (poll(&event, 1, 50) > 0 && (event.revents & POLLIN) != 0) {
        const ssize_t count = read(fd, piece.data(), piece.size());
        if (count <= 0)
            break;
        text.append(piece.data(), static_cast<std::size_t>(count));
    }
    return text;
}

TEST(PlainProgressTest, SaysWhenAPhaseBeginsAndEnds) {
    std::array<int, 2> fds{};
    ASSERT_EQ(pipe2(fds.data(), O_CLOEXEC), 0);
    const ScopedFd reader(fds[0]);
    const ScopedFd writer(fds[1]);
    const auto progress = progress_to(writer.get());
    progress->begin("building the debug kernel", 4321);
    progress->update(17, "kernel/fork.c");
    progress->note("another klass is building this kernel");
    progress->end();
    EXPECT_EQ(drain(reader.get()),
              "building the debug kernel\n"
              "another klass is building this kernel\n"
              "building the debug kernel: done in 0 ms\n");
}

TEST(TerminalProgressTest, DrawsOneLineAndClearsIt) {
    const Terminal terminal(100);
    const auto progress = progress_to(terminal.slave.get());
    progress->begin("building", 40);
    std::this_thread::sleep_for(milliseconds{1100});
    progress->update(20, "kernel/fork.c");
    std::string drawn;
    for (int tries = 0; tries < 100 && drawn.find("left") == std::string::npos; ++tries)
        drawn += drain(terminal.master.get());
    EXPECT_THAT(drawn, HasSubstr("building  [##########----------]  20 of 40, "));
    EXPECT_THAT(drawn, HasSubstr("s left  kernel/fork.c"));
    EXPECT_THAT(drawn, Not(HasSubstr("\n")));
    progress->end();
    EXPECT_EQ(drain(terminal.master.get()), "\r\033[K");
}

TEST(TerminalProgressTest, KeepsToTheWidthAndEscapesWhatItShows) {
    const Terminal terminal(20);
    const auto progress = progress_to(terminal.slave.get());
    progress->begin("unpacking \033[2J and more", 0);
    EXPECT_EQ(drain(terminal.master.get()), "\r\033[Kunpacking \\x1b[2J a");
}

TEST(TerminalProgressTest, RedrawsAtMostTenTimesASecond) {
    const Terminal terminal(80);
    const auto progress = progress_to(terminal.slave.get());
    progress->begin("building", 1000);
    drain(terminal.master.get());
    const auto start = std::chrono::steady_clock::now();
    for (std::uint64_t step = 0; step < 1000; ++step)
        progress->update(step, "x");
    const auto tenths = (std::chrono::steady_clock::now() - start) / milliseconds{100};
    const std::string drawn = drain(terminal.master.get());
    EXPECT_LE(std::count(drawn.begin(), drawn.end(), '\r'), tenths + 1);
}

TEST(TerminalProgressTest, PutsANoteAboveTheLine) {
    const Terminal terminal(80);
    const auto progress = progress_to(terminal.slave.get());
    progress->begin("waiting", 0);
    progress->note("another klass is at work");
    // The line discipline makes "\n" into "\r\n".
    EXPECT_THAT(drain(terminal.master.get()),
                EndsWith("another klass is at work\r\n\r\033[Kwaiting"));
}

TEST(TerminalProgressTest, ShowsNothingMoreOfAPhaseThatWasGivenUp) {
    const Terminal terminal(80);
    const auto progress = progress_to(terminal.slave.get());
    progress->begin("fetching", 10);
    progress->give_up();
    progress->note("there is no network");
    EXPECT_THAT(drain(terminal.master.get()), EndsWith("\r\033[Kthere is no network\r\n"));
}

TEST(TerminalProgressTest, ClearsItsLineWhenTheWorkIsGivenUp) {
    const Terminal terminal(80);
    progress_to(terminal.slave.get())->begin("building", 10);
    EXPECT_THAT(drain(terminal.master.get()), EndsWith("\r\033[K"));
}

TEST(CountText, SaysAsMuchAsIsKnown) {
    using namespace std::chrono_literals;
    EXPECT_EQ(count_text(0, 0, 5s), "");
    EXPECT_EQ(count_text(1234, 0, 5s), "1,234");
    EXPECT_EQ(count_text(1, 4, 500ms), "1 of 4");
    EXPECT_EQ(count_text(1, 4, 10s), "1 of 4, 30 s left");
    EXPECT_EQ(count_text(4, 4, 10s), "4 of 4");
}

TEST(TerminalProgressTest, ReckonsTheTimeLeftFromWhatThisCallDid) {
    const Terminal terminal(100);
    const auto progress = progress_to(terminal.slave.get());
    progress->begin("building", 1000);
    // 900 were there before: the speed of an instant, which would leave no time at all.
    progress->update(900, "a.c");
    std::this_thread::sleep_for(milliseconds{1200});
    progress->update(901, "b.c");
    const std::string drawn = drain(terminal.master.get());
    // 99 more at more than a second each.
    EXPECT_THAT(drawn, HasSubstr("901 of 1,000, "));
    EXPECT_THAT(drawn, testing::ContainsRegex("901 of 1,000, [0-9]+ min [0-9]+ s left"));
}

TEST(TerminalProgressTest, CountsDownWhatItKnowsByTimeOnly) {
    const Terminal terminal(100);
    const auto progress = progress_to(terminal.slave.get());
    progress->begin_timed("booting", std::chrono::seconds{40});
    EXPECT_THAT(drain(terminal.master.get()), EndsWith("booting  about 40 s left"));
    // By itself, without an update.
    std::string drawn;
    for (int tries = 0; tries < 100 && drawn.empty(); ++tries)
        drawn = drain(terminal.master.get());
    EXPECT_THAT(drawn, testing::ContainsRegex("booting  about [0-3][0-9] s left$"));
}

TEST(TerminalProgressTest, OwnsThatItTakesLongerThanUsual) {
    const Terminal terminal(100);
    const auto progress = progress_to(terminal.slave.get());
    progress->begin_timed("booting", milliseconds{1});
    std::string drawn;
    // On a busy machine the first of them is drawn in milliseconds.
    for (int tries = 0; tries < 100 && drawn.find(" s, longer") == std::string::npos; ++tries)
        drawn += drain(terminal.master.get());
    EXPECT_THAT(drawn, HasSubstr(" s, longer than usual"));
}

/** What a progress was told. */
class Told : public Progress {
  public:
    void begin(std::string_view phase, std::uint64_t total) override {
        words.push_back(std::string(phase) + " of " + std::to_string(total));
    }
    void begin_timed(std::string_view phase, milliseconds usual) override {
        words.emplace_back(phase);
        left = usual;
    }
    void update(std::uint64_t done, std::string_view /*detail*/) override {
        words.push_back(std::to_string(done));
    }
    void end() override { words.emplace_back("end"); }
    void give_up() override { words.emplace_back("give up"); }
    void note(std::string_view sentence) override { words.emplace_back(sentence); }

    std::vector<std::string> words;
    milliseconds left{0};
};

TEST(HeldProgressTest, ShowsWhereTheWorkIsOnceItIsReleased) {
    Told told;
    HeldProgress held(told);
    held.begin("unpacking", 10);
    held.update(10, {});
    held.end();
    held.note("another klass is at work");
    held.begin("building", 1590);
    held.update(17, "fork.c");
    EXPECT_THAT(told.words, testing::IsEmpty());
    held.release();
    held.update(18, "exec.c");
    held.end();
    EXPECT_THAT(told.words, testing::ElementsAre("another klass is at work", "building of 1590",
                                                 "17", "18", "end"));
}

TEST(HeldProgressTest, ShowsNothingOfWhatHadEnded) {
    Told told;
    HeldProgress held(told);
    held.begin("building", 1590);
    held.end();
    held.release();
    EXPECT_THAT(told.words, testing::IsEmpty());
}

TEST(HeldProgressTest, KnowsHowMuchOfATimedPhaseIsLeft) {
    Told told;
    HeldProgress held(told);
    held.begin_timed("configuring", std::chrono::seconds{60});
    std::this_thread::sleep_for(milliseconds{20});
    held.release();
    EXPECT_THAT(told.words, testing::ElementsAre("configuring"));
    EXPECT_LT(told.left, std::chrono::seconds{60});
}

TEST(DurationText, SuitsItsSize) {
    EXPECT_EQ(duration_text(milliseconds{480}), "480 ms");
    EXPECT_EQ(duration_text(milliseconds{4230}), "4.2 s");
    EXPECT_EQ(duration_text(milliseconds{9960}), "10 s");
    EXPECT_EQ(duration_text(milliseconds{48'400}), "48 s");
    EXPECT_EQ(duration_text(milliseconds{59'700}), "1 min 00 s");
    EXPECT_EQ(duration_text(milliseconds{725'000}), "12 min 05 s");
    EXPECT_EQ(duration_text(std::chrono::minutes{65}), "1 h 05 min");
}

}  // namespace
}  // namespace klass
