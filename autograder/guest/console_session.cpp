// SPDX-License-Identifier: Apache-2.0
#include "guest/console_session.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>

namespace klass::guest {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// A guest that takes no keys (it is busy, or stuck) is not waited for: so many are kept for it.
constexpr std::size_t most_kept_keys = std::size_t{64} << 10;

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = TEMP_FAILURE_RETRY(write(fd, text.data(), text.size()));
        if (count <= 0)
            return;  // the terminal is gone: SIGHUP tells
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

/** What the user typed and the guest has not taken yet. */
class Keys {
  public:
    explicit Keys(int input) : input_(input) {}

    /** Reads what was typed. @return false when the user left */
    bool read_some() {
        std::array<char, 4096> typed{};
        const ssize_t count = TEMP_FAILURE_RETRY(read(input_, typed.data(), typed.size()));
        if (count <= 0)
            return false;
        const std::string_view text(typed.data(), static_cast<std::size_t>(count));
        kept_ += text.substr(0, text.find(leave_key));
        kept_.resize(std::min(kept_.size(), most_kept_keys));
        return text.find(leave_key) == std::string_view::npos;
    }

    void give_to(vm::Machine &machine) {
        kept_.erase(0, machine.type_some(kept_).value_or(kept_.size()));
    }

    [[nodiscard]] bool empty() const { return kept_.empty(); }

  private:
    int input_;
    std::string kept_;
};

}  // namespace

SessionEnd run_session(vm::Machine &machine, int input, int output, const SessionHooks &hooks) {
    const RawTerminal terminal(input);
    WindowChanges changes;
    Keys keys(input);
    machine.on_console = [output](std::string_view text) { write_all(output, text); };
    const std::array<int, 2> others{input, changes.fd()};
    std::optional<SessionEnd> end;
    hooks.resized(window_size(input));
    while (!end) {
        // Keys that wait for a guest to take them are offered again soon.
        const auto patience = keys.empty() ? Clock::duration(1h) : 20ms;
        const auto activity = machine.wait_for_activity(machine.now() + patience, others);
        if (changes.take())
            hooks.resized(window_size(input));
        else if (activity.other && !keys.read_some())
            end = SessionEnd::by_key;
        keys.give_to(machine);
        if (machine.ended())
            end = SessionEnd::powered_off;
        else if (hooks.ended())
            end = end.value_or(SessionEnd::by_guest);
    }
    machine.drain_console();
    machine.on_console = nullptr;
    return *end;
}

}  // namespace klass::guest
