// SPDX-License-Identifier: Apache-2.0
#include "util/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <thread>
#include <utility>

#include "util/bytes.h"

namespace klass {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class SilentProgress : public Progress {
  public:
    void begin(std::string_view /*phase*/, std::uint64_t /*total*/) override {}
    void begin_timed(std::string_view /*phase*/, milliseconds /*usual*/) override {}
    void update(std::uint64_t /*done*/, std::string_view /*detail*/) override {}
    void end() override {}
    void give_up() override {}
    void note(std::string_view /*sentence*/) override {}
};

/** A failed write is not worth failing the work for: progress is a courtesy. */
void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = write(fd, text.data(), text.size());
        if (count <= 0)
            return;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

/** "3 min 10 s left" for @p left steps, of which @p done took @p elapsed; nothing when that says
 * too little of them. */
std::string time_left_text(std::uint64_t done, std::uint64_t left, milliseconds elapsed) {
    if (done == 0 || left == 0 || elapsed < std::chrono::seconds{1})
        return {};
    const std::chrono::duration<double, std::milli> time(static_cast<double>(elapsed.count()) *
                                                         static_cast<double>(left) /
                                                         static_cast<double>(done));
    return fmt::format("{} left", duration_text(std::chrono::ceil<std::chrono::seconds>(time)));
}

/** "1,234 of 4,321", "1,234" or nothing, and @p time_left. */
std::string steps_text(std::uint64_t done, std::uint64_t total, const std::string &time_left) {
    std::string text;
    if (total != 0)
        text = fmt::format("{} of {}", grouped(done), grouped(total));
    else if (done != 0)
        text = grouped(done);
    return text + (text.empty() || time_left.empty() ? "" : ", ") + time_left;
}

/** Where a phase stands: what both ways of showing it share. */
struct Phase {
    std::string name;
    std::uint64_t total = 0;
    milliseconds usual{0};
    std::uint64_t done = 0;
    std::string detail = {};
    Clock::time_point start = Clock::now();
    // Steps that an earlier call had made, and that are told at once, say nothing of how long one
    // takes now.
    std::optional<std::pair<std::uint64_t, Clock::time_point>> first = {};

    void update(std::uint64_t steps, std::string_view what) {
        done = steps;
        if (!what.empty())
            detail = printable(what);
        if (!first && elapsed() < std::chrono::seconds{1})
            first = {steps, Clock::now()};
        else if (!first)
            first = {0, start};
    }
    [[nodiscard]] milliseconds elapsed() const { return since(start); }

    /** "1,234 of 4,321, 3 min 10 s left", "1,234", "about 20 s left": as much as is known. */
    [[nodiscard]] std::string count() const { return steps_text(done, total, time_left()); }

  private:
    [[nodiscard]] static milliseconds since(Clock::time_point when) {
        return std::chrono::duration_cast<milliseconds>(Clock::now() - when);
    }
    [[nodiscard]] std::string time_left() const {
        using std::chrono::ceil;
        using std::chrono::seconds;
        if (usual > milliseconds{0} && elapsed() >= usual)
            return fmt::format("{}, longer than usual", duration_text(elapsed()));
        if (usual > milliseconds{0})
            return fmt::format("about {} left", duration_text(ceil<seconds>(usual - elapsed())));
        if (!first || done <= first->first || done >= total)
            return {};
        return time_left_text(done - first->first, total - done, since(first->second));
    }
};

/** Shows one phase after the other; how, the two kinds of output decide. */
class ShownProgress : public Progress {
  public:
    explicit ShownProgress(int fd) : fd_(fd) {}

    void begin(std::string_view phase, std::uint64_t total) override {
        begin({.name = printable(phase), .total = total});
    }
    void begin_timed(std::string_view phase, milliseconds usual) override {
        begin({.name = printable(phase), .usual = usual});
    }
    void update(std::uint64_t done, std::string_view detail) override {
        const std::lock_guard lock(mutex_);
        phase_.update(done, detail);
        if (active_)
            changed();
    }
    void end() override {
        const std::lock_guard lock(mutex_);
        active_ = false;
        ended();
    }
    void give_up() override {
        const std::lock_guard lock(mutex_);
        active_ = false;
        given_up();
    }
    void note(std::string_view sentence) override {
        const std::lock_guard lock(mutex_);
        said(printable(sentence));
    }

  protected:
    // All are called under the lock.
    virtual void began() = 0;
    virtual void changed() = 0;
    virtual void ended() = 0;
    virtual void given_up() = 0;
    virtual void said(const std::string &sentence) = 0;

    void write(std::string_view text) const { write_all(fd_, text); }
    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] const Phase &phase() const { return phase_; }
    [[nodiscard]] bool active() const { return active_; }

    /** For the derived class to run in a thread of its own: time passes without an update, too. */
    void tick(const std::stop_token &stop) {
        std::unique_lock lock(mutex_);
        while (!stop.stop_requested()) {
            ticks_.wait_for(lock, stop, std::chrono::seconds{1}, [] { return false; });
            if (active_ && !stop.stop_requested())
                changed();
        }
    }

  private:
    void begin(Phase phase) {
        const std::lock_guard lock(mutex_);
        phase_ = std::move(phase);
        active_ = true;
        began();
    }

    int fd_;
    std::mutex mutex_;
    std::condition_variable_any ticks_;
    Phase phase_;
    bool active_ = false;
};

class TerminalProgress : public ShownProgress {
  public:
    explicit TerminalProgress(int fd) : ShownProgress(fd) {}
    TerminalProgress(const TerminalProgress &) = delete;
    TerminalProgress &operator=(const TerminalProgress &) = delete;
    /** The work was given up by an exception: leave no half line behind. */
    ~TerminalProgress() override {
        ticker_ = {};
        if (active())
            write(clear_line);
    }

  private:
    static constexpr std::string_view clear_line = "\r\033[K";
    static constexpr std::size_t bar_width = 20;

    void began() override { draw(); }
    void changed() override {
        if (Clock::now() - drawn_ >= milliseconds{100})
            draw();
    }
    void ended() override { write(clear_line); }
    void given_up() override { write(clear_line); }
    void said(const std::string &sentence) override {
        write(fmt::format("{}{}\n", clear_line, sentence));
        if (active())
            draw();
    }

    [[nodiscard]] std::size_t width() const {
        winsize size{};
        if (ioctl(fd(), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
            return 80;
        return size.ws_col;
    }
    [[nodiscard]] std::string bar() const {
        const auto whole = static_cast<double>(phase().total);
        if (phase().total == 0)
            return {};
        const auto full =
            static_cast<std::size_t>(static_cast<double>(bar_width) *
                                     std::min(static_cast<double>(phase().done), whole) / whole);
        return fmt::format("  [{:-<{}}]", std::string(full, '#'), bar_width);
    }
    void draw() {
        std::string line = phase().name + bar();
        for (const std::string &part : {phase().count(), phase().detail})
            if (!part.empty())
                line += "  " + part;
        // One column short: a full line would wrap, and could not be cleared.
        line.resize(std::min(line.size(), width() - 1));
        write(fmt::format("{}{}", clear_line, line));
        drawn_ = Clock::now();
    }

    Clock::time_point drawn_;
    std::jthread ticker_{[this](const std::stop_token &stop) { tick(stop); }};
};

class PlainProgress : public ShownProgress {
  public:
    explicit PlainProgress(int fd) : ShownProgress(fd) {}
    PlainProgress(const PlainProgress &) = delete;
    PlainProgress &operator=(const PlainProgress &) = delete;
    ~PlainProgress() override { ticker_ = {}; }

  private:
    void began() override {
        said_ = Clock::now();
        said(phase().name);
    }
    void changed() override {
        if (Clock::now() - said_ < std::chrono::seconds{30})
            return;
        said_ = Clock::now();
        const std::string count = phase().count();
        said(fmt::format("{}: {}", phase().name,
                         count.empty() ? duration_text(phase().elapsed()) + " so far" : count));
    }
    void ended() override {
        said(fmt::format("{}: done in {}", phase().name, duration_text(phase().elapsed())));
    }
    void given_up() override {}
    void said(const std::string &sentence) override { write(sentence + "\n"); }

    Clock::time_point said_;
    std::jthread ticker_{[this](const std::stop_token &stop) { tick(stop); }};
};

}  // namespace

std::unique_ptr<Progress> silent_progress() {
    return std::make_unique<SilentProgress>();
}

std::unique_ptr<Progress> progress_to(int fd) {
    if (isatty(fd) != 0)
        return std::make_unique<TerminalProgress>(fd);
    return std::make_unique<PlainProgress>(fd);
}

std::string count_text(std::uint64_t done, std::uint64_t total, milliseconds elapsed) {
    const bool known = done < total;
    return steps_text(done, total, known ? time_left_text(done, total - done, elapsed) : "");
}

void HeldProgress::begin(std::string_view phase, std::uint64_t total) {
    const std::lock_guard lock(mutex_);
    if (released_)
        inner_.begin(phase, total);
    else
        phase_ = Held{.name = std::string(phase), .total = total};
}

void HeldProgress::begin_timed(std::string_view phase, milliseconds usual) {
    const std::lock_guard lock(mutex_);
    if (released_)
        inner_.begin_timed(phase, usual);
    else
        phase_ = Held{.name = std::string(phase), .ends = Clock::now() + usual};
}

void HeldProgress::update(std::uint64_t done, std::string_view detail) {
    const std::lock_guard lock(mutex_);
    if (released_)
        inner_.update(done, detail);
    else if (phase_)
        phase_->done = done;
}

void HeldProgress::end() {
    const std::lock_guard lock(mutex_);
    if (released_)
        inner_.end();
    else
        phase_.reset();
}

void HeldProgress::give_up() {
    const std::lock_guard lock(mutex_);
    if (released_)
        inner_.give_up();
    else
        phase_.reset();
}

void HeldProgress::note(std::string_view sentence) {
    const std::lock_guard lock(mutex_);
    if (released_)
        inner_.note(sentence);
    else
        notes_.emplace_back(sentence);
}

void HeldProgress::release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    for (const std::string &sentence : notes_)
        inner_.note(sentence);
    if (!phase_)
        return;
    if (phase_->ends) {
        const auto left = std::chrono::duration_cast<milliseconds>(*phase_->ends - Clock::now());
        inner_.begin_timed(phase_->name, std::max(left, milliseconds{1000}));
    } else {
        inner_.begin(phase_->name, phase_->total);
        if (phase_->done != 0)
            inner_.update(phase_->done, {});
    }
}

std::string duration_text(std::chrono::milliseconds duration) {
    using namespace std::chrono;
    if (duration < seconds{1})
        return fmt::format("{} ms", duration.count());
    // 9,950 ms and more would round to "10.0 s".
    if (duration < milliseconds{9950})
        return fmt::format("{:.1f} s", static_cast<double>(duration.count()) / 1000.0);
    const auto total = round<seconds>(duration).count();
    if (total < 60)
        return fmt::format("{} s", total);
    if (total < 3600)
        return fmt::format("{} min {:02} s", total / 60, total % 60);
    return fmt::format("{} h {:02} min", total / 3600, total % 3600 / 60);
}

}  // namespace klass
