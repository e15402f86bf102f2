// SPDX-License-Identifier: Apache-2.0
#include "judge/boot_trial.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernel/text.h"

namespace klass::judge {

namespace {

using namespace std::chrono_literals;

// From power-on to a shell takes some seconds without hardware virtualisation.
constexpr auto boot_patience = 40s;
constexpr auto answer_patience = 20s;
// A console that nobody has opened yet swallows what is typed.
constexpr auto type_again_after = 500ms;

/** The first line of an answer, fit to be shown. */
std::string first_line(const std::string &output) {
    constexpr std::size_t most = 100;
    const std::string line = output.substr(0, std::min(output.find('\n'), most));
    return kernel::safe_text(line) + (line.size() + 1 < output.size() ? " ..." : "");
}

}  // namespace

BootTrial::BootTrial(const kernel::StudentKernel &built, std::string suffix, Starter start,
                     Random random, std::chrono::nanoseconds limit)
    : built_(built),
      suffix_(std::move(suffix)),
      start_(std::move(start)),
      random_(random),
      left_(limit) {
    const std::string network =
        fmt::format("10.{}.{}", random_.between(1, 250), random_.between(1, 250));
    host_address_ = network + ".1";
    guest_address_ = fmt::format("{}.{}", network, random_.between(2, 250));
}

void BootTrial::boot(const std::vector<guest::InitramfsFile> &more) {
    if (machine_)
        left_ = deadline_ - machine_->now();
    machine_.emplace(start_(more));
    deadline_ = machine_->now() + left_;
    peer_.emplace(machine_->cable_fd(), host_address_);
    std::string line = "boot";
    for (const guest::InitramfsFile &file : more)
        line += fmt::format(" with /{}", file.path);
    note(line);
    expect_shell();
}

void BootTrial::note(const std::string &line) {
    did_.push_back(line);
    if (on_note)
        on_note(line);
}

void BootTrial::expect_shell() {
    const std::uint64_t a = random_.between(100, 9999);
    const std::uint64_t b = random_.between(100, 9999);
    const std::string question = fmt::format("echo $(({} * {}))", a, b);
    const std::string sum = std::to_string(a * b);
    const std::uint64_t nonce = random_.nonce();
    const std::size_t seen = machine_->console().size();
    const auto deadline = deadline_in(boot_patience);
    // What was typed too early may have left half a line, which spoils the next one: so each is
    // another question, and one right answer is enough.
    std::vector<guest::TypedCommand> asked;
    std::string wrong;
    auto type_next = machine_->now();
    while (machine_->now() < deadline && !machine_->ended() && !machine_->console_flooded()) {
        if (machine_->now() >= type_next) {
            asked.emplace_back(question, nonce + asked.size());
            // A console that takes no more has enough to answer.
            static_cast<void>(machine_->type(asked.back().line()));
            type_next = machine_->now() + type_again_after;
        }
        wait(std::min(deadline, type_next));
        for (const guest::TypedCommand &command : asked) {
            const auto answer =
                command.answer_in(std::string_view(machine_->console()).substr(seen));
            if (answer && answer->output == sum + "\n") {
                note(fmt::format("{}: {}", question, sum));
                return;
            }
            if (answer)
                wrong = first_line(answer->output);
        }
    }
    expect_that(false, fmt::format("a shell on the console answers `{}` with {}", question, sum),
                !wrong.empty()      ? fmt::format("the answer is \"{}\"", wrong)
                : machine_->ended() ? "the machine ended"
                                    : fmt::format("nothing answered for {} s",
                                                  std::chrono::seconds(boot_patience).count()));
}

guest::ShellAnswer BootTrial::run(const std::string &command) {
    // Once: a shell is there, and what a command does it must not do twice.
    const auto answer = ask({command, random_.nonce()}, answer_patience);
    expect_that(answer.has_value(), fmt::format("the shell answers `{}`", command),
                machine_->ended() ? "the machine ended"
                                  : fmt::format("nothing came back within {} s",
                                                std::chrono::seconds(answer_patience).count()));
    note(fmt::format("{}: {}{}", command,
                     answer->ok() ? "" : fmt::format("status {}: ", answer->status),
                     first_line(answer->output)));
    return *answer;
}

std::string BootTrial::run_well(const std::string &command) {
    guest::ShellAnswer answer = run(command);
    expect_that(
        answer.ok(), fmt::format("`{}` succeeds", command),
        fmt::format("it ends with status {} and \"{}\"", answer.status, first_line(answer.output)));
    return std::move(answer.output);
}

void BootTrial::type(const std::string &line) {
    note(line);
    expect_that(machine_->type("\n" + line + "\n"), "the console takes what is typed",
                "it does not");
}

std::optional<guest::ShellAnswer> BootTrial::ask(const guest::TypedCommand &command,
                                                 std::chrono::milliseconds patience) {
    const std::size_t seen = machine_->console().size();
    const auto deadline = deadline_in(patience);
    if (!machine_->type(command.line()))
        return std::nullopt;
    while (machine_->now() < deadline && !machine_->ended() && !machine_->console_flooded()) {
        wait(deadline);
        if (auto answer = command.answer_in(std::string_view(machine_->console()).substr(seen)))
            return answer;
    }
    return std::nullopt;
}

void BootTrial::wait(vm::PatienceClock::time_point until) {
    machine_->wait_for_signs_of_life(until);
    peer_->serve();
}

vm::PatienceClock::time_point BootTrial::deadline_in(std::chrono::milliseconds patience) {
    return std::min(machine_->now() + patience, deadline_);
}

bool BootTrial::wait_until(const std::function<bool()> &holds, std::chrono::milliseconds patience) {
    const auto deadline = deadline_in(patience);
    while (!holds()) {
        if (machine_->now() >= deadline || machine_->ended())
            return false;
        wait(std::min(deadline, machine_->now() + 50ms));
    }
    return true;
}

void BootTrial::expect_that(bool holds, const std::string &expected, const std::string &actual) {
    if (!holds)
        throw CheckFailed{.expected = expected, .actual = actual};
}

}  // namespace klass::judge
