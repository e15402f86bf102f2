// SPDX-License-Identifier: Apache-2.0
#include "vm/qmp.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "util/error.h"

namespace klass::vm {

namespace {

constexpr std::size_t limit_events = 1000;

void send_with_fd(int socket, const std::string &text, int fd) {
    iovec part{const_cast<char *>(text.data()), text.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    if (fd >= 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    // A command is far smaller than a socket's buffer: it goes out whole.
    if (sendmsg(socket, &message, MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
        throw GraderFault(fmt::format("QEMU's monitor is gone: {}", std::strerror(errno)));
}

}  // namespace

Qmp::Qmp(ScopedFd socket) : socket_(std::move(socket)) {}
Qmp::Qmp(Qmp &&other) noexcept = default;
Qmp &Qmp::operator=(Qmp &&other) noexcept = default;
Qmp::~Qmp() = default;

void Qmp::negotiate(std::chrono::milliseconds timeout) {
    next(std::chrono::steady_clock::now() + timeout, "its greeting");
    execute("qmp_capabilities", nlohmann::json::object(), -1, timeout);
}

nlohmann::json Qmp::execute(std::string_view command, const nlohmann::json &arguments, int pass_fd,
                            std::chrono::milliseconds timeout) {
    const nlohmann::json request{{"execute", command}, {"arguments", arguments}};
    send_with_fd(socket_.get(), request.dump() + "\n", pass_fd);
    nlohmann::json answer = next(std::chrono::steady_clock::now() + timeout, command);
    if (answer.contains("error"))
        throw GraderFault(fmt::format("QEMU refused {}: {}", command,
                                      answer["error"].value("desc", answer.dump())));
    return answer.value("return", nlohmann::json::object());
}

nlohmann::json Qmp::execute(std::string_view command) {
    return execute(command, nlohmann::json::object());
}

bool Qmp::receive() {
    char chunk[8192];
    const ssize_t count = recv(socket_.get(), chunk, sizeof chunk, MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
        return false;
    if (count > 0)
        buffer_.append(chunk, static_cast<std::size_t>(count));
    std::size_t end = 0;
    while ((end = buffer_.find('\n')) != std::string::npos) {
        auto message = nlohmann::json::parse(buffer_.substr(0, end), nullptr, false);
        buffer_.erase(0, end + 1);
        if (!message.is_object())
            throw GraderFault("QEMU's monitor sent something that is no JSON object");
        if (!message.contains("event"))
            answers_.push_back(std::move(message));
        else if (events_.size() < limit_events)
            events_.push_back(message["event"].get<std::string>());
    }
    return true;
}

nlohmann::json Qmp::next(std::chrono::steady_clock::time_point deadline, std::string_view awaited) {
    while (answers_.empty()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd entry{socket_.get(), POLLIN, 0};
        const int ready =
            poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        if (ready == 0)
            throw GraderFault(fmt::format("QEMU did not answer {} in time", awaited));
        if (ready > 0 && !receive() && answers_.empty())
            throw GraderFault(fmt::format("QEMU ended before it answered {}", awaited));
    }
    nlohmann::json answer = std::move(answers_.front());
    answers_.erase(answers_.begin());
    return answer;
}

bool Qmp::drain() {
    return receive();
}

bool Qmp::await_event(std::string_view name, std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (!take_event(name)) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd entry{socket_.get(), POLLIN, 0};
        if (left.count() <= 0 || poll(&entry, 1, static_cast<int>(left.count())) == 0 || !receive())
            return take_event(name);
    }
    return true;
}

bool Qmp::take_event(std::string_view name) {
    const auto found = std::find(events_.begin(), events_.end(), name);
    if (found == events_.end())
        return false;
    events_.erase(found);
    return true;
}

}  // namespace klass::vm
