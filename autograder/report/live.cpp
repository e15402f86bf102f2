// SPDX-License-Identifier: Apache-2.0
#include "report/live.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "kernel/text.h"
#include "report/check_text.h"
#include "report/wrap.h"

namespace klass::report {

namespace {

class SilentLiveReport : public LiveReport {
  public:
    void begin(std::size_t /*count*/) override {}
    void check_started(std::string_view /*id*/) override {}
    void check_finished(const judge::CheckResult & /*check*/) override {}
    void end() override {}
};

class LiveReportTo : public LiveReport {
  public:
    LiveReportTo(int fd, const TextStyle &style)
        : fd_(fd), style_(style), terminal_(isatty(fd) != 0) {}
    LiveReportTo(const LiveReportTo &) = delete;
    LiveReportTo &operator=(const LiveReportTo &) = delete;
    /** The grading was given up by an exception: leave no half line behind. */
    ~LiveReportTo() override {
        if (active_)
            write_all(cleared());
    }

    void begin(std::size_t count) override {
        const std::lock_guard lock(mutex_);
        count_ = count;
        done_ = 0;
        running_.clear();
        active_ = true;
        write_all(status());
    }
    void check_started(std::string_view id) override {
        const std::lock_guard lock(mutex_);
        running_.emplace_back(id);
        write_all(cleared() + status());
    }
    void check_finished(const judge::CheckResult &check) override {
        const std::lock_guard lock(mutex_);
        ++done_;
        if (const auto it = std::find(running_.begin(), running_.end(), check.id);
            it != running_.end())
            running_.erase(it);
        // In one write, so that the status line does not flicker.
        write_all(cleared() + check_line(check, style_) + status());
    }
    void end() override {
        const std::lock_guard lock(mutex_);
        active_ = false;
        write_all(cleared());
    }

  private:
    [[nodiscard]] std::string cleared() const { return terminal_ ? "\r\033[K" : ""; }

    [[nodiscard]] std::string status() const {
        if (!terminal_)
            return {};
        std::string text = fmt::format("  {} of {} checks done", done_, count_);
        if (!running_.empty())
            text += kernel::safe_text(fmt::format(", running: {}", fmt::join(running_, ", ")));
        // One column short: a full line would wrap, and could not be cleared.
        return std::string(first_columns(text, width_of(style_) - 1));
    }
    /** A failed write is not worth failing the grading for. */
    void write_all(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t count = write(fd_, text.data(), text.size());
            if (count <= 0)
                return;
            text.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    int fd_;
    TextStyle style_;
    bool terminal_;
    std::mutex mutex_;
    std::size_t count_ = 0;
    std::size_t done_ = 0;
    std::vector<std::string> running_;
    bool active_ = false;
};

}  // namespace

std::unique_ptr<LiveReport> silent_live_report() {
    return std::make_unique<SilentLiveReport>();
}

std::unique_ptr<LiveReport> live_report_to(int fd, const TextStyle &style) {
    return std::make_unique<LiveReportTo>(fd, style);
}

}  // namespace klass::report
