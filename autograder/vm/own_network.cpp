// SPDX-License-Identifier: Apache-2.0
#include "vm/own_network.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "util/error.h"
#include "util/paths.h"

namespace klass::vm {

namespace {

constexpr unsigned sockets_made = 16;
constexpr int patience_ms = 30000;

/** The next socket that klass-own-network sends; none when it has ended. */
ScopedFd receive_socket(int control) {
    pollfd readable{control, POLLIN, 0};
    int received = -1;
    char byte = 0;
    iovec data = {&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof received)> space{};
    msghdr message = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = space.data();
    message.msg_controllen = space.size();
    if (poll(&readable, 1, patience_ms) != 1 || recvmsg(control, &message, MSG_CMSG_CLOEXEC) != 1)
        return {};
    const cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != nullptr && header->cmsg_type == SCM_RIGHTS)
        std::memcpy(&received, CMSG_DATA(header), sizeof received);
    return ScopedFd(received);
}

}  // namespace

OwnNetwork::OwnNetwork() {
    // Who is not allowed into our folders can run what we have opened.
    const std::filesystem::path program = program_beside_this("klass-own-network");
    program_ = ScopedFd(open(program.c_str(), O_RDONLY | O_CLOEXEC));
    int pair[2];
    if (!program_.valid() || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        throw GraderFault(fmt::format("{}: {}", program.string(), std::strerror(errno)));
    ours_ = ScopedFd(pair[0]);
    theirs_ = ScopedFd(pair[1]);
}

std::vector<std::string> OwnNetwork::command(const std::vector<std::string> &argv) const {
    std::vector<std::string> whole{fmt::format("/proc/self/fd/{}", program_.get()),
                                   std::to_string(theirs_.get()), std::to_string(sockets_made)};
    whole.insert(whole.end(), argv.begin(), argv.end());
    return whole;
}

bool OwnNetwork::take_sockets() {
    theirs_.reset();
    program_.reset();
    while (sockets_.size() < sockets_made) {
        ScopedFd received = receive_socket(ours_.get());
        if (!received.valid())
            return false;
        sockets_.push_back(std::move(received));
    }
    return true;
}

ScopedFd OwnNetwork::listen(std::uint16_t port) {
    if (sockets_.empty())
        throw GraderFault("a check listens too often");
    ScopedFd socket = std::move(sockets_.back());
    sockets_.pop_back();
    const int on = 1;
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    constexpr int backlog = 8;
    if (setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) < 0 ||
        ::listen(socket.get(), backlog) < 0)
        throw GraderFault(fmt::format("cannot listen for the guest: {}", std::strerror(errno)));
    return socket;
}

std::uint16_t port_of(int socket) {
    sockaddr_in address = {};
    socklen_t size = sizeof address;
    if (getsockname(socket, reinterpret_cast<sockaddr *>(&address), &size) < 0)
        throw GraderFault(fmt::format("no address of a socket: {}", std::strerror(errno)));
    return ntohs(address.sin_port);
}

}  // namespace klass::vm
