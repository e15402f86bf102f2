// SPDX-License-Identifier: Apache-2.0
#include "pose/listener.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "util/error.h"

namespace klass::pose {

namespace {

namespace fs = std::filesystem;

constexpr int stream_type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

std::string text_of(const sockaddr *address, socklen_t length) {
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    if (getnameinfo(address, length, host.data(), host.size(), port.data(), port.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return "an address without a text";
    const bool brackets = address->sa_family == AF_INET6;
    return fmt::format("{}{}{}:{}", brackets ? "[" : "", host.data(), brackets ? "]" : "",
                       port.data());
}

UsageError cannot_listen(const std::string &where, int error) {
    return UsageError(
        fmt::format("cannot listen at {}: {}", where, errno_text(error)),
        error == EADDRINUSE ? "choose another port, or end who listens there" : std::string());
}

/** "[::1]:80" in two. */
std::pair<std::string, std::string> host_and_port(const std::string &address) {
    const std::size_t colon = address.rfind(':');
    std::string host = address.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    // getaddrinfo() takes a number beyond those of ports, and cuts it off.
    std::uint16_t number = 0;
    const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (host.empty() || error != std::errc() || end != port.data() + port.size())
        throw UsageError(address + " is no address with a port",
                         "give both as numbers: 127.0.0.1:7707, [::1]:7707");
    return {host, port};
}

sockaddr_un address_of(const fs::path &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = path.string();
    if (text.empty() || text.size() >= sizeof address.sun_path)
        throw UsageError(fmt::format("a socket's path has 1 to {} bytes, and this one {}",
                                     sizeof address.sun_path - 1, text.size()),
                         "choose a shorter one");
    std::memcpy(address.sun_path, text.data(), text.size());
    return address;
}

/** Removes a socket that nobody listens at any more. */
void clear_place(const fs::path &path, const sockaddr_un &address) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0)
        return;
    if (!S_ISSOCK(status.st_mode))
        throw UsageError(path.string() + " is there, and no socket", "choose another path");
    const ScopedFd probe(socket(AF_UNIX, stream_type, 0));
    if (connect(probe.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0 ||
        errno != ECONNREFUSED)
        throw UsageError("somebody listens at " + path.string() + " already",
                         "choose another path, or end that server");
    unlink(path.c_str());
}

}  // namespace

Listener::Listener(ScopedFd fd, std::string where, fs::path path)
    : fd_(std::move(fd)), where_(std::move(where)), path_(std::move(path)) {}

Listener::~Listener() {
    // Of a Listener that was moved from, nothing is left.
    if (fd_.valid() && !path_.empty())
        unlink(path_.c_str());
}

Listener Listener::tcp(const std::string &address) {
    const auto [host, port] = host_and_port(address);
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
        throw UsageError(
            fmt::format("{} is no address with a port: {}", address, gai_strerror(error)),
            "give both as numbers: 127.0.0.1:7707, [::1]:7707");
    const std::unique_ptr<addrinfo, void (*)(addrinfo *)> owned(found, freeaddrinfo);
    ScopedFd fd(socket(found->ai_family, stream_type, 0));
    // A server that is started again at once finds its port free.
    const int on = 1;
    if (!fd.valid() || setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd.get(), found->ai_addr, found->ai_addrlen) != 0 || listen(fd.get(), SOMAXCONN) != 0)
        throw cannot_listen(address, errno);
    sockaddr_storage bound{};
    socklen_t length = sizeof bound;
    auto *const name = reinterpret_cast<sockaddr *>(&bound);
    if (getsockname(fd.get(), name, &length) != 0)
        throw cannot_listen(address, errno);
    return {std::move(fd), text_of(name, length), {}};
}

Listener Listener::unix_socket(const fs::path &path) {
    const sockaddr_un address = address_of(path);
    clear_place(path, address);
    ScopedFd fd(socket(AF_UNIX, stream_type, 0));
    if (!fd.valid() ||
        bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 ||
        listen(fd.get(), SOMAXCONN) != 0)
        throw cannot_listen(path.string(), errno);
    return {std::move(fd), path.string(), path};
}

std::string peer_of(int socket) {
    sockaddr_storage peer{};
    socklen_t length = sizeof peer;
    auto *const name = reinterpret_cast<sockaddr *>(&peer);
    if (getpeername(socket, name, &length) != 0)
        return "gone";
    return peer.ss_family == AF_UNIX ? "unix" : text_of(name, length);
}

}  // namespace klass::pose
