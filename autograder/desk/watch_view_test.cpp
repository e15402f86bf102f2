// SPDX-License-Identifier: Apache-2.0
#include "desk/watch_view.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "util/scoped_fd.h"

namespace klass::desk {
namespace {

using judge::Status;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

judge::Manifest manifest() {
    judge::Manifest manifest;
    manifest.id = "04-chardev";
    manifest.title = "A character device";
    manifest.checks = {{.id = "one", .title = "Check one", .points = 5},
                       {.id = "two", .title = "Check two", .points = 5}};
    return manifest;
}

judge::Verdict verdict(Status of_two) {
    judge::Verdict verdict;
    verdict.stage = "04-chardev";
    verdict.build.ok = true;
    verdict.checks = {
        {.id = "one", .title = "Check one", .status = Status::passed, .score = 5, .max_score = 5},
        {.id = "two",
         .title = "Check two",
         .status = of_two,
         .score = of_two == Status::passed ? 5.0 : 0.0,
         .max_score = 5,
         .expected = "this"}};
    judge::tally(verdict);
    return verdict;
}

std::string drain(int fd, int patience = 100) {
    std::string text;
    std::array<char, 4096> piece{};
    pollfd event{fd, POLLIN, 0};
    while (poll(&event, 1, patience) > 0 && (event.revents & POLLIN) != 0) {
        const ssize_t count = read(fd, piece.data(), piece.size());
        if (count <= 0)
            break;
        text.append(piece.data(), static_cast<std::size_t>(count));
    }
    return text;
}

void grade(WatchView &view, Status of_two) {
    const judge::Verdict graded = verdict(of_two);
    view.grading_began();
    view.built(graded.build);
    for (const judge::CheckResult &check : graded.checks) {
        view.check_started({.id = check.id});
        view.check_finished(check);
    }
    view.grading_ended(graded);
}

TEST(PlainView, PrintsLinesAndNothingThatMovesACursor) {
    std::array<int, 2> fds{};
    ASSERT_EQ(pipe2(fds.data(), O_CLOEXEC), 0);
    const ScopedFd reader(fds[0]);
    const ScopedFd writer(fds[1]);
    const auto view = plain_watch_view(writer.get(), {manifest(), "/w"}, {});
    grade(*view, Status::failed);
    view->nothing_new(Change::none);
    view->nothing_new(Change::comments);
    view->problem("the folder is gone");
    const std::string text = drain(reader.get());
    EXPECT_THAT(text, HasSubstr("watching /w, of 04-chardev"));
    EXPECT_THAT(text, HasSubstr("expected  this\n"));
    EXPECT_THAT(text, HasSubstr("only comments have changed; waiting for a save\n"));
    EXPECT_THAT(text, HasSubstr("the folder is gone\n"));
    EXPECT_THAT(text, Not(HasSubstr("\033")));
    EXPECT_THAT(text, Not(HasSubstr("\r")));
    EXPECT_THAT(view->attend(), IsEmpty());
}

class ScreenViewTest : public testing::Test {
  protected:
    ScreenViewTest() {
        int master = -1;
        int slave = -1;
        const winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
        if (openpty(&master, &slave, nullptr, nullptr, &size) != 0)
            throw std::runtime_error("no terminal");
        screen_.reset(master);
        terminal_.reset(slave);
    }
    std::unique_ptr<WatchView> view() {
        return screen_watch_view(terminal_.get(), terminal_.get(), {manifest(), "/w"},
                                 {.unicode = false});
    }
    void press(std::string_view keys) {
        ASSERT_EQ(write(screen_.get(), keys.data(), keys.size()),
                  static_cast<ssize_t>(keys.size()));
    }
    std::string screen() { return drain(screen_.get()); }
    bool is_raw() {
        termios settings{};
        tcgetattr(terminal_.get(), &settings);
        return (settings.c_lflag & ICANON) == 0;
    }

    static constexpr const char *enter = "\033[?1049h";
    static constexpr const char *leave = "\033[?1049l";
    ScopedFd screen_;
    ScopedFd terminal_;
};

TEST_F(ScreenViewTest, TakesTheTerminalAndPutsItBack) {
    {
        const auto shown = view();
        EXPECT_TRUE(is_raw());
        EXPECT_THAT(screen(), HasSubstr(enter));
    }
    EXPECT_FALSE(is_raw());
    EXPECT_THAT(screen(), HasSubstr(leave));
}

TEST_F(ScreenViewTest, PutsTheTerminalBackAlsoWhenItIsKilled) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const auto shown = view();
        raise(SIGKILL);
    }
    waitpid(child, nullptr, 0);
    // Its guardian does it, and has time.
    std::string text;
    for (int tries = 0; tries < 100 && text.find(leave) == std::string::npos; ++tries)
        text += screen();
    EXPECT_THAT(text, HasSubstr(leave));
    for (int tries = 0; tries < 100 && is_raw(); ++tries)
        usleep(20'000);
    EXPECT_FALSE(is_raw());
}

TEST_F(ScreenViewTest, WritesOnlyWhatHasChanged) {
    const auto shown = view();
    grade(*shown, Status::failed);
    EXPECT_THAT(screen(), HasSubstr("expected  this"));
    shown->nothing_new(Change::comments);
    const std::string change = screen();
    EXPECT_THAT(change, HasSubstr("only comments have changed"));
    EXPECT_THAT(change, Not(HasSubstr("Check one")));
    shown->nothing_new(Change::comments);
    EXPECT_EQ(screen(), "");
}

TEST_F(ScreenViewTest, DrawsAllAnewWhenTheSizeChanges) {
    const auto shown = view();
    grade(*shown, Status::failed);
    screen();
    const winsize size{.ws_row = 10, .ws_col = 66, .ws_xpixel = 0, .ws_ypixel = 0};
    ASSERT_EQ(ioctl(screen_.get(), TIOCSWINSZ, &size), 0);
    // The terminal is not the one that controls this process: nobody else sends it the signal.
    raise(SIGWINCH);
    EXPECT_THAT(shown->attend(), IsEmpty());
    const std::string text = screen();
    EXPECT_THAT(text, HasSubstr("\033[2J"));
    EXPECT_THAT(text, HasSubstr("04-chardev"));
    EXPECT_THAT(text, HasSubstr("\033[10;1H"));
    EXPECT_THAT(text, Not(HasSubstr("\033[11;1H")));
}

TEST_F(ScreenViewTest, KnowsItsKeys) {
    const auto shown = view();
    press("rh\rxq");
    EXPECT_THAT(shown->attend(), ElementsAre(Wish::grade, Wish::hint, Wish::grade, Wish::quit));
    press("\003");
    EXPECT_THAT(shown->attend(), ElementsAre(Wish::quit));
    screen();
    press("?");
    EXPECT_THAT(shown->attend(), IsEmpty());
    EXPECT_THAT(screen(), HasSubstr("grade again, with other random choices"));
    press("\033");
    EXPECT_THAT(shown->attend(), IsEmpty());
    EXPECT_THAT(screen(), HasSubstr("Check one"));
}

TEST_F(ScreenViewTest, AHintGoesWhenItsCheckPassesOrWithEscape) {
    const auto shown = view();
    const judge::CheckInfo two{.id = "two"};
    shown->hint(&two, "think of two\n");
    EXPECT_THAT(screen(), HasSubstr("think of two"));
    grade(*shown, Status::passed);
    screen();
    const winsize size{.ws_row = 25, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
    ioctl(screen_.get(), TIOCSWINSZ, &size);
    raise(SIGWINCH);
    shown->attend();
    EXPECT_THAT(screen(), Not(HasSubstr("think of two")));
}

TEST_F(ScreenViewTest, ATerminalThatGoesAwayEndsIt) {
    const auto shown = view();
    screen_.reset();
    // The guardian closes its copy when it has got so far.
    std::vector<Wish> wishes;
    for (int tries = 0; tries < 500 && wishes.empty(); ++tries) {
        wishes = shown->attend();
        usleep(10'000);
    }
    EXPECT_THAT(wishes, ElementsAre(Wish::quit));
}

}  // namespace
}  // namespace klass::desk
