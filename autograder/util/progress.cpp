// SPDX-License-Identifier: Apache-2.0
#include "util/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>

#include "util/bytes.h"

namespace klass {

namespace {

using Clock = std::chrono::steady_clock;

class SilentProgress : public Progress {
  public:
    void begin(std::string_view /*phase*/, std::uint64_t /*total*/) override {}
    void update(std::uint64_t /*done*/, std::string_view /*detail*/) override {}
    void end() override {}
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

/** Where a phase stands: what both ways of showing it share. */
struct Phase {
    std::string name;
    std::uint64_t total = 0;
    std::uint64_t done = 0;
    Clock::time_point start = Clock::now();

    [[nodiscard]] std::chrono::milliseconds elapsed() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    }
    [[nodiscard]] std::string count() const { return count_text(done, total, elapsed()); }
};

class TerminalProgress : public Progress {
  public:
    explicit TerminalProgress(int fd) : fd_(fd) {}
    TerminalProgress(const TerminalProgress &) = delete;
    TerminalProgress &operator=(const TerminalProgress &) = delete;
    /** The work was given up by an exception: leave no half line behind. */
    ~TerminalProgress() override {
        if (active_)
            write_all(fd_, clear_line);
    }

    void begin(std::string_view phase, std::uint64_t total) override {
        const std::lock_guard lock(mutex_);
        phase_ = Phase{.name = printable(phase), .total = total};
        detail_.clear();
        active_ = true;
        draw();
    }
    void update(std::uint64_t done, std::string_view detail) override {
        const std::lock_guard lock(mutex_);
        phase_.done = done;
        if (active_ && Clock::now() - drawn_ >= std::chrono::milliseconds{100}) {
            detail_ = printable(detail);
            draw();
        }
    }
    void end() override {
        const std::lock_guard lock(mutex_);
        active_ = false;
        write_all(fd_, clear_line);
    }
    void note(std::string_view sentence) override {
        const std::lock_guard lock(mutex_);
        write_all(fd_, fmt::format("{}{}\n", clear_line, printable(sentence)));
        if (active_)
            draw();
    }

  private:
    static constexpr std::string_view clear_line = "\r\033[K";
    static constexpr std::size_t bar_width = 20;

    [[nodiscard]] std::size_t width() const {
        winsize size{};
        if (ioctl(fd_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
            return 80;
        return size.ws_col;
    }
    [[nodiscard]] std::string bar() const {
        if (phase_.total == 0)
            return {};
        const auto full =
            static_cast<std::size_t>(static_cast<double>(bar_width) *
                                     static_cast<double>(std::min(phase_.done, phase_.total)) /
                                     static_cast<double>(phase_.total));
        return fmt::format("  [{:-<{}}]", std::string(full, '#'), bar_width);
    }
    void draw() {
        std::string line = phase_.name + bar();
        for (const std::string &part : {phase_.count(), detail_})
            if (!part.empty())
                line += "  " + part;
        // One column short: a full line would wrap, and could not be cleared.
        line.resize(std::min(line.size(), width() - 1));
        write_all(fd_, fmt::format("{}{}", clear_line, line));
        drawn_ = Clock::now();
    }

    int fd_;
    std::mutex mutex_;
    Phase phase_;
    std::string detail_;
    Clock::time_point drawn_;
    bool active_ = false;
};

class PlainProgress : public Progress {
  public:
    explicit PlainProgress(int fd) : fd_(fd) {}

    void begin(std::string_view phase, std::uint64_t total) override {
        const std::lock_guard lock(mutex_);
        phase_ = Phase{.name = printable(phase), .total = total};
        said_ = Clock::now();
        say(phase_.name);
    }
    void update(std::uint64_t done, std::string_view detail) override {
        const std::lock_guard lock(mutex_);
        phase_.done = done;
        if (Clock::now() - said_ < std::chrono::seconds{30})
            return;
        said_ = Clock::now();
        const std::string count = phase_.count();
        say(fmt::format("{}: {}", phase_.name, count.empty() ? printable(detail) : count));
    }
    void end() override {
        const std::lock_guard lock(mutex_);
        say(fmt::format("{}: done in {}", phase_.name, duration_text(phase_.elapsed())));
    }
    void note(std::string_view sentence) override {
        const std::lock_guard lock(mutex_);
        say(printable(sentence));
    }

  private:
    void say(std::string_view line) const { write_all(fd_, fmt::format("{}\n", line)); }

    int fd_;
    std::mutex mutex_;
    Phase phase_;
    Clock::time_point said_;
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

std::string count_text(std::uint64_t done, std::uint64_t total, std::chrono::milliseconds elapsed) {
    if (total == 0)
        return done == 0 ? std::string() : grouped(done);
    std::string text = fmt::format("{} of {}", grouped(done), grouped(total));
    // The first second says too little of the rest.
    if (done > 0 && done < total && elapsed > std::chrono::seconds{1}) {
        const double left = static_cast<double>(elapsed.count()) *
                            static_cast<double>(total - done) / static_cast<double>(done);
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(
            std::chrono::duration<double, std::milli>(left));
        text += fmt::format(", {} left", duration_text(seconds));
    }
    return text;
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
