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
// [send_all]
bool Connection::send_all(const void *data, std::size_t size) {
    // klass:task Send all of it, however little the socket takes at once; wait by stop_.wait().
    // klass:skeleton static_cast<void>(data);
    // klass:skeleton static_cast<void>(size);
    // klass:skeleton return false;
    const auto *next = static_cast<const std::uint8_t *>(data);
    while (size > 0) {
        const ssize_t sent = ::send(fd_.get(), next, size, MSG_NOSIGNAL);
        if (sent >= 0) {
            next += sent;
            size -= static_cast<std::size_t>(sent);
        } else if (errno == EAGAIN) {
            if (!stop_.wait(fd_.get(), POLLOUT))
                return false;
        } else if (errno != EINTR) {
            server_gone("sending");
        }
    }
    return true;
    // klass:end
}
// [send_all]

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
    // klass:task Receive all of it, in however many pieces it comes; wait by stop_.wait().
    // klass:skeleton static_cast<void>(data);
    // klass:skeleton static_cast<void>(size);
    // klass:skeleton return false;
    auto *next = static_cast<std::uint8_t *>(data);
    while (size > 0) {
        const ssize_t got = recv(fd_.get(), next, size, 0);
        if (got == 0)
            return false;
        if (got > 0) {
            next += got;
            size -= static_cast<std::size_t>(got);
        } else if (errno == EAGAIN) {
            if (!stop_.wait(fd_.get(), POLLIN))
                return false;
        } else if (errno != EINTR) {
            server_gone("receiving");
        }
    }
    return true;
    // klass:end
}

// [receive]
std::optional<Result> Connection::receive() {
    // klass:task Receive an answer: is it one? A later version's header may be longer.
    // klass:skeleton return std::nullopt;
    camera_offload_answer header = {};
    if (!receive_all(&header, sizeof(header)))
        return std::nullopt;
    if (header.magic != CAMERA_OFFLOAD_ANSWER_MAGIC || header.version != CAMERA_OFFLOAD_VERSION ||
        header.header_bytes < sizeof(header) ||
        header.header_bytes > CAMERA_OFFLOAD_MAX_HEADER_BYTES ||
        header.payload_bytes != CAMERA_OFFLOAD_ANSWER_PAYLOAD_BYTES)
        server_gone("the server's answer", EPROTO);
    // A later version's fields, which we pass over.
    std::array<std::uint8_t, CAMERA_OFFLOAD_MAX_HEADER_BYTES> more = {};
    Result result = {};
    result.sequence = header.sequence;
    result.timestamp_ns = header.timestamp_ns;
    if (!receive_all(more.data(), header.header_bytes - sizeof(header)) ||
        !receive_all(result.keypoints, sizeof(result.keypoints)))
        return std::nullopt;
    return result;
    // klass:end
}
// [receive]
