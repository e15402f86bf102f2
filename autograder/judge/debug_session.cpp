// SPDX-License-Identifier: Apache-2.0
#include "judge/debug_session.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "guest/shell.h"
#include "judge/workbench.h"

namespace klass::judge {

namespace {

using namespace std::chrono_literals;

// A reader that sleeps, its writer, and what one wants to look at meanwhile.
constexpr std::size_t processes_at_once = 6;
constexpr std::size_t longest_line = 8192;

std::pair<std::string_view, std::string_view> first_word(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::size_t rest = std::min(text.find_first_not_of(' ', end), text.size());
    return {text.substr(begin, end - begin), text.substr(rest)};
}

std::string status_text(std::int64_t wait_status) {
    const int status = static_cast<int>(wait_status);
    if (WIFSIGNALED(status))
        return fmt::format("was killed by SIG{}", sigabbrev_np(WTERMSIG(status)));
    return fmt::format("ended with status {}", WEXITSTATUS(status));
}

}  // namespace

std::optional<DebugRequest> DebugRequest::parse(std::string_view line) {
    const auto [verb, rest] = first_word(line);
    if (verb == "run" && !rest.empty())
        return DebugRequest{.verb = Verb::run, .name = {}, .arguments = std::string(rest)};
    const auto [name, arguments] = first_word(rest);
    if ((verb == "load" || verb == "unload") && !name.empty())
        return DebugRequest{.verb = verb == "load" ? Verb::load : Verb::unload,
                            .name = std::string(name),
                            .arguments = std::string(arguments)};
    return std::nullopt;
}

DebugSession::DebugSession(guest::Guest &guest, const std::vector<kernel::BuiltModule> &modules,
                           Tell tell)
    : guest_(guest), modules_(modules), tell_(std::move(tell)) {
    while (processes_.size() < processes_at_once)
        processes_.push_back(guest_.process());
    guest::prepare_shell(processes_.front(), {.home = guest_home});
}

std::optional<std::size_t> DebugSession::idle_process() const {
    for (std::size_t i = 0; i < processes_.size(); ++i)
        if (std::none_of(running_.begin(), running_.end(),
                         [i](const Running &each) { return each.process == i; }))
            return i;
    return std::nullopt;
}

guest::Pending DebugSession::begin(guest::Process &process, const DebugRequest &request,
                                   const kernel::BuiltModule *module) {
    switch (request.verb) {
        case DebugRequest::Verb::load:
            return process.start_load_module(module->name, module->image, request.arguments);
        case DebugRequest::Verb::unload:
            return process.start_unload_module(request.name);
        case DebugRequest::Verb::run:
            break;
    }
    return guest::start_shell_command(process, {.home = guest_home}, request.arguments);
}

void DebugSession::ask(const DebugRequest &request) {
    const auto found = std::find_if(modules_.begin(), modules_.end(),
                                    [&](const auto &each) { return each.name == request.name; });
    const kernel::BuiltModule *module = found == modules_.end() ? nullptr : &*found;
    if (request.verb == DebugRequest::Verb::load && module == nullptr) {
        tell_(fmt::format("the submission builds no {}", request.name));
        return;
    }
    const auto process = idle_process();
    if (!process) {
        tell_(fmt::format("all {} processes of the guest are busy", processes_.size()));
        return;
    }
    running_.push_back({.process = *process,
                        .call = begin(processes_[*process], request, module),
                        .request = request});
}

void DebugSession::load_all() {
    for (const kernel::BuiltModule &module : modules_)
        to_load_.push_back(module.name);
    load_next();
}

void DebugSession::load_next() {
    if (to_load_.empty())
        return;
    const std::string name = to_load_.front();
    to_load_.pop_front();
    ask({.verb = DebugRequest::Verb::load, .name = name, .arguments = {}});
}

void DebugSession::settle_returned() {
    for (auto each = running_.begin(); each != running_.end();) {
        if (!each->call.returned()) {
            ++each;
            continue;
        }
        Running ended = std::move(*each);
        each = running_.erase(each);
        const auto observation = ended.call.wait(0ms);
        if (ended.request.verb == DebugRequest::Verb::run && observation.ok()) {
            for (std::string text = guest::text(observation); !text.empty();) {
                const std::size_t end = std::min(text.find('\n'), text.size());
                tell_(text.substr(0, end));
                text.erase(0, end + 1);
            }
            tell_(fmt::format("`{}` {}", ended.request.arguments, status_text(observation.result)));
        } else {
            tell_(observation.line());
        }
        if (ended.request.verb == DebugRequest::Verb::load && observation.ok())
            load_next();
        // What was told may have led to more: the list is another one now.
        each = running_.begin();
    }
}

bool DebugSession::read_requests(int channel) {
    std::array<char, 4096> piece{};
    const ssize_t count = TEMP_FAILURE_RETRY(read(channel, piece.data(), piece.size()));
    if (count <= 0)
        return false;
    unread_.append(piece.data(), static_cast<std::size_t>(count));
    for (std::size_t end = 0; (end = unread_.find('\n')) != std::string::npos;) {
        const std::string line = unread_.substr(0, end);
        unread_.erase(0, end + 1);
        if (const auto request = DebugRequest::parse(line))
            ask(*request);
        else
            tell_(fmt::format("`{}` is no request", line));
    }
    if (unread_.size() > longest_line)
        unread_.clear();
    return true;
}

void DebugSession::serve(int channel) {
    std::array<int, 1> others{channel};
    while (!guest_.ended()) {
        const auto activity = guest_.machine().wait_for_activity(guest_.now() + 1h, others);
        if (activity.other && !read_requests(channel))
            others = {-1};
        settle_returned();
    }
}

}  // namespace klass::judge
