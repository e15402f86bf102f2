// SPDX-License-Identifier: Apache-2.0
#include "desk/watch_view.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <mutex>

#include "desk/watch_picture.h"
#include "report/live.h"
#include "report/phrases.h"
#include "util/raw_terminal.h"

namespace klass::desk {

namespace {

std::string clock_time() {
    return fmt::format("{:%H:%M:%S}", fmt::localtime(std::time(nullptr)));
}

/** A reader who has gone away is not worth failing for: the next signal ends us. */
void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = TEMP_FAILURE_RETRY(write(fd, text.data(), text.size()));
        if (count <= 0)
            return;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

class PlainView : public WatchView {
  public:
    PlainView(int fd, Watched watched, const report::TextStyle &style)
        : fd_(fd),
          watched_(std::move(watched)),
          style_(style),
          live_(report::live_report_to(fd, style)),
          progress_(progress_to(fd)) {
        style_.list_passed = false;
        say(fmt::format("watching {}, of {}; Ctrl-C ends it", report::one_line(watched_.folder),
                        watched_.manifest.id));
    }

    void grading_began() override { say("grading"); }
    void built(const judge::BuildSummary &build) override {
        if (build.ok)
            live_->begin(watched_.manifest.checks.size());
    }
    void check_started(const judge::CheckInfo &check) override { live_->check_started(check.id); }
    void check_finished(const judge::CheckResult &check) override { live_->check_finished(check); }
    void grading_ended(const judge::Verdict &verdict) override {
        live_->end();
        write_all(fd_, report::text_report(verdict, style_));
        say("waiting for a save");
    }
    void nothing_new(Change change) override {
        if (change == Change::none)
            return;
        say("only comments have changed; waiting for a save");
    }
    void grading_stopped() override {
        live_->end();
        say("stopped, for there is something newer");
    }
    void problem(std::string_view text) override {
        live_->end();
        say(report::one_line(text));
    }
    void hint(const judge::CheckInfo * /*check*/, std::string_view /*text*/) override {}

    void begin(std::string_view phase, std::uint64_t total) override {
        progress_->begin(phase, total);
    }
    void begin_timed(std::string_view phase, std::chrono::milliseconds usual) override {
        progress_->begin_timed(phase, usual);
    }
    void update(std::uint64_t done, std::string_view detail) override {
        progress_->update(done, detail);
    }
    void end() override { progress_->end(); }
    void give_up() override { progress_->give_up(); }
    void note(std::string_view sentence) override { progress_->note(sentence); }

  private:
    void say(std::string_view text) const {
        write_all(fd_, fmt::format("[{}] {}\n", clock_time(), text));
    }

    int fd_;
    Watched watched_;
    report::TextStyle style_;
    std::unique_ptr<report::LiveReport> live_;
    std::unique_ptr<Progress> progress_;
};

/** A key, as far as the watch knows keys. */
enum class Key {
    none,
    quit,
    suspend,
    grade,
    hint,
    help,
    away,
    up,
    down,
    page_up,
    page_down,
    home,
    end
};

/** Takes the first key off what was read; what begins with ESC is told by console_codes(4). */
Key take_key(std::string_view &bytes) {
    struct Code {
        std::string_view bytes;
        Key key;
    };
    // The longer ones first: a lone ESC begins them all.
    static constexpr std::array codes{
        Code{"\033[5~", Key::page_up}, Code{"\033[6~", Key::page_down},
        Code{"\033[1~", Key::home},    Code{"\033[4~", Key::end},
        Code{"\033[A", Key::up},       Code{"\033[B", Key::down},
        Code{"\033[H", Key::home},     Code{"\033[F", Key::end},
        Code{"\033OA", Key::up},       Code{"\033OB", Key::down},
        Code{"\033OH", Key::home},     Code{"\033OF", Key::end},
        Code{"\033", Key::away},       Code{"q", Key::quit},
        Code{"Q", Key::quit},          Code{"\003", Key::quit},
        Code{"r", Key::grade},         Code{"\r", Key::grade},
        Code{"\n", Key::grade},        Code{"h", Key::hint},
        Code{"?", Key::help},          Code{"k", Key::up},
        Code{"j", Key::down},          Code{" ", Key::page_down},
        Code{"\032", Key::suspend},
    };
    for (const Code &code : codes)
        if (bytes.starts_with(code.bytes)) {
            bytes.remove_prefix(code.bytes.size());
            return code.key;
        }
    bytes.remove_prefix(1);
    return Key::none;
}

class ScreenView : public WatchView {
  public:
    ScreenView(int in, int out, const Watched &watched, const report::TextStyle &style)
        : in_(in), out_(out), style_(style), terminal_(in, std::string(leave_screen)) {
        picture_.heading = watched.manifest.id + "  " + report::one_line(watched.manifest.title);
        picture_.folder = watched.folder;
        for (const judge::CheckInfo &check : watched.manifest.checks)
            picture_.checks.push_back(
                {.id = check.id, .title = check.title, .points = check.points});
        write_all(out_, enter_screen);
        redraw();
    }

    void grading_began() override {
        change([&] {
            picture_.phase = Phase::building;
            picture_.note.clear();
            picture_.problem.clear();
            for (CheckPicture &check : picture_.checks)
                check.fresh = check.running = false;
        });
    }
    void built(const judge::BuildSummary &build) override {
        change([&] {
            picture_.build = build;
            picture_.phase = Phase::checking;
            picture_.progress.clear();
        });
    }
    void check_started(const judge::CheckInfo &check) override {
        change([&] { picture_of(check.id).running = true; });
    }
    void check_finished(const judge::CheckResult &result) override {
        change([&] { take(result); });
    }
    void grading_ended(const judge::Verdict &verdict) override {
        change([&] {
            take(verdict);
            picture_.when =
                fmt::format("at {}, in {}", clock_time(), duration_text(verdict.duration));
        });
    }
    void nothing_new(Change changed) override {
        change([&] {
            picture_.note =
                changed == Change::none ? "nothing has changed" : "only comments have changed";
        });
    }
    void grading_stopped() override {
        change([&] {
            for (CheckPicture &check : picture_.checks)
                check.running = false;
            picture_.phase = Phase::starting;
        });
    }
    void problem(std::string_view text) override {
        change([&] {
            picture_.problem = text;
            picture_.phase = Phase::waiting;
            picture_.progress.clear();
            for (CheckPicture &check : picture_.checks)
                check.running = false;
        });
    }
    void hint(const judge::CheckInfo *check, std::string_view text) override {
        change([&] {
            hinted_ = check != nullptr ? check->id : "";
            picture_.hint = text;
            scroll_ = 0;
        });
    }

    void begin(std::string_view phase, std::uint64_t total) override {
        const std::lock_guard lock(mutex_);
        work_ = phase;
        total_ = total;
        began_ = std::chrono::steady_clock::now();
        picture_.progress = work_;
        redraw();
    }
    void begin_timed(std::string_view phase, std::chrono::milliseconds usual) override {
        begin(phase, 0);
        change([&] {
            picture_.progress = fmt::format("{}: usually {}", phase, duration_text(usual));
        });
    }
    void update(std::uint64_t done, std::string_view /*detail*/) override {
        const std::lock_guard lock(mutex_);
        const auto now = std::chrono::steady_clock::now();
        const std::string count = count_text(
            done, total_, std::chrono::duration_cast<std::chrono::milliseconds>(now - began_));
        picture_.progress = count.empty() ? work_ : fmt::format("{}: {}", work_, count);
        if (now - drawn_ > std::chrono::milliseconds{200})
            redraw();
    }
    void end() override {
        change([&] { picture_.progress.clear(); });
    }
    void give_up() override { end(); }
    void note(std::string_view sentence) override {
        change([&] { picture_.progress = sentence; });
    }

    [[nodiscard]] std::vector<int> inputs() const override { return {in_, window_.fd()}; }

    std::vector<Wish> attend() override {
        if (window_.take()) {
            const std::lock_guard lock(mutex_);
            shown_.clear();
            redraw();
        }
        std::array<char, 256> buffer{};
        pollfd event{in_, POLLIN, 0};
        if (poll(&event, 1, 0) <= 0)
            return {};
        const ssize_t count = read(in_, buffer.data(), buffer.size());
        // The terminal has gone away.
        if (count <= 0)
            return {Wish::quit};
        std::vector<Wish> wishes;
        std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
        while (!bytes.empty())
            obey(take_key(bytes), wishes);
        return wishes;
    }

  private:
    // Alternate screen, no cursor, no line wrap: xterm's private modes (ctlseqs), and back.
    static constexpr std::string_view enter_screen = "\033[?1049h\033[?25l\033[?7l\033[2J";
    static constexpr std::string_view leave_screen = "\033[?7h\033[?25h\033[?1049l";

    template <typename Change>
    void change(const Change &change) {
        const std::lock_guard lock(mutex_);
        change();
        redraw();
    }

    CheckPicture &picture_of(const std::string &id) {
        return *std::find_if(picture_.checks.begin(), picture_.checks.end(),
                             [&](const CheckPicture &check) { return check.id == id; });
    }
    void take(const judge::CheckResult &result) {
        CheckPicture &check = picture_of(result.id);
        check.result = result;
        check.fresh = true;
        check.running = false;
        // Who has mended it needs its hint no longer.
        if (result.id == hinted_ && result.status == judge::Status::passed)
            picture_.hint.clear();
    }
    void take(const judge::Verdict &verdict) {
        picture_.phase = Phase::waiting;
        picture_.progress.clear();
        picture_.build = verdict.build;
        if (verdict.build.ok)
            for (const judge::CheckResult &result : verdict.checks)
                take(result);
        picture_.outcome = verdict.outcome;
        picture_.score = report::score_text(verdict);
        if (verdict.outcome == judge::Outcome::judge_error)
            picture_.problem = report::apology(verdict);
    }

    void obey(Key key, std::vector<Wish> &wishes) {
        const std::size_t page = std::max(window_size(out_).rows, 8U) - 7;
        const std::lock_guard lock(mutex_);
        switch (key) {
            case Key::quit:
                wishes.push_back(Wish::quit);
                break;
            case Key::suspend:
                terminal_.suspend();
                shown_.clear();
                write_all(out_, enter_screen);
                break;
            case Key::grade:
                wishes.push_back(Wish::grade);
                break;
            case Key::hint:
                wishes.push_back(Wish::hint);
                break;
            case Key::help:
                picture_.help = !picture_.help;
                break;
            case Key::away:
                picture_.help = false;
                picture_.hint.clear();
                break;
            case Key::up:
                scroll_ -= std::min<std::size_t>(scroll_, 1);
                break;
            case Key::page_up:
                scroll_ -= std::min(scroll_, page);
                break;
            case Key::home:
                scroll_ = 0;
                break;
            case Key::down:
                ++scroll_;
                break;
            case Key::page_down:
                scroll_ += page;
                break;
            case Key::end:
                scroll_ = SIZE_MAX;
                break;
            case Key::none:
                return;
        }
        redraw();
    }

    /** Writes the lines that are others than those on the screen; calm, as nothing else moves. */
    void redraw() {
        WindowSize size = window_size(out_);
        if (size.columns == 0 || size.rows == 0)
            size = {80, 24};
        Frame frame = draw(picture_, size.columns, size.rows, scroll_, style_);
        scroll_ = frame.scroll;
        const bool all = size != size_ || shown_.size() != frame.lines.size();
        std::string text = all ? "\033[2J" : "";
        for (std::size_t row = 0; row < frame.lines.size(); ++row)
            if (all || shown_[row] != frame.lines[row])
                text += fmt::format("\033[{};1H\033[2K{}", row + 1, frame.lines[row]);
        write_all(out_, text);
        shown_ = std::move(frame.lines);
        size_ = size;
        drawn_ = std::chrono::steady_clock::now();
    }
    int in_;
    int out_;
    report::TextStyle style_;
    RawTerminal terminal_;
    WindowChanges window_;
    std::mutex mutex_;
    WatchPicture picture_;
    std::string hinted_;
    std::size_t scroll_ = 0;
    std::vector<std::string> shown_;
    WindowSize size_;
    std::string work_;
    std::uint64_t total_ = 0;
    std::chrono::steady_clock::time_point began_;
    std::chrono::steady_clock::time_point drawn_;
};

}  // namespace

std::unique_ptr<WatchView> plain_watch_view(int fd, Watched watched,
                                            const report::TextStyle &style) {
    return std::make_unique<PlainView>(fd, std::move(watched), style);
}

std::unique_ptr<WatchView> screen_watch_view(int in, int out, const Watched &watched,
                                             const report::TextStyle &style) {
    return std::make_unique<ScreenView>(in, out, watched, style);
}

}  // namespace klass::desk
