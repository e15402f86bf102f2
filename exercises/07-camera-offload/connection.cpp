// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>
#include <bit>
#include <charconv>
#include <stdexcept>

static_assert(std::endian::native == std::endian::little, "the wire is little endian");

sockaddr_in parse_address(const std::string &text) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    const auto colon = text.find(':');
    std::uint16_t port = 0;
    const char *begin = text.data() + (colon == std::string::npos ? text.size() : colon + 1);
    const auto parsed = std::from_chars(begin, text.data() + text.size(), port);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || port == 0 ||
        inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) != 1)
        throw std::invalid_argument("\"" + text + "\" is no address and port: 10.0.2.2:7000");
    address.sin_port = htons(port);
    return address;
}

Connection::Connection(const sockaddr_in &server, const Stop &stop)
    : fd_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), stop_(stop) {
    if (fd_.get() < 0)
        fail("socket");
    const auto *address = reinterpret_cast<const sockaddr *>(&server);
    if (connect(fd_.get(), address, sizeof(server)) < 0 && errno != EINPROGRESS)
        server_gone("no connection");
    int error = ECANCELED;
    socklen_t size = sizeof(error);
    if (stop_.wait(fd_.get(), POLLOUT) &&
        getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        fail("getsockopt");
    if (error != 0)
        server_gone("no connection", error);
}

// What a socket takes at a time may be less than what it is given.
bool Connection::send_all(const void *data, std::size_t size) {
    // TODO: Send all of it, however little the socket takes at once; wait by stop_.wait().
    static_cast<void>(data);
    static_cast<void>(size);
    return false;
}

bool Connection::send(const Taken &frame, unsigned width, unsigned height) {
    const camera_offload_frame header = {
        .magic = CAMERA_OFFLOAD_FRAME_MAGIC,
        .version = CAMERA_OFFLOAD_VERSION,
        .header_bytes = sizeof(header),
        .sequence = frame.sequence,
        .width = static_cast<std::uint16_t>(width),
        .height = static_cast<std::uint16_t>(height),
        .pixel_format = CAMERA_OFFLOAD_YUYV,
        .payload_bytes = static_cast<std::uint32_t>(frame.pixels.size()),
        .timestamp_ns = frame.timestamp_ns,
    };
    return send_all(&header, sizeof(header)) && send_all(frame.pixels.data(), frame.pixels.size());
}

void Connection::no_more_frames() {
    shutdown(fd_.get(), SHUT_WR);
}

bool Connection::receive_all(void *data, std::size_t size) {
    // TODO: Receive all of it, in however many pieces it comes; wait by stop_.wait().
    static_cast<void>(data);
    static_cast<void>(size);
    return false;
}

std::optional<Result> Connection::receive() {
    // TODO: Receive an answer: is it one? A later version's header may be longer.
    return std::nullopt;
}
