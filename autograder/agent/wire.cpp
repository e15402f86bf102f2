// SPDX-License-Identifier: Apache-2.0
#include "agent/wire.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace klass::agent {

namespace {

int turns = -1;  // a file that nobody reads, for the locks on it

void lock_turns(short type) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    while (fcntl(turns, F_SETLKW, &lock) < 0 && errno == EINTR) {
    }
}

}  // namespace

void prepare_turns() {
    turns = open("/turns", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (turns < 0) {
        perror("klass-agent: /turns");
        exit(1);
    }
}

void send_to_host(int port, const std::vector<std::uint8_t> &frame) {
    lock_turns(frame.size() <= whole_write ? F_RDLCK : F_WRLCK);
    send_frame(port, frame);
    lock_turns(F_UNLCK);
}

void send_frame(int fd, const std::vector<std::uint8_t> &frame) {
    std::size_t sent = 0;
    while (sent < frame.size()) {
        const ssize_t count = write(fd, frame.data() + sent, frame.size() - sent);
        if (count > 0) {
            sent += static_cast<std::size_t>(count);
        } else if (count < 0 && errno == EAGAIN) {
            pollfd wait{fd, POLLOUT, 0};
            poll(&wait, 1, -1);
        } else if (count < 0 && errno != EINTR) {
            _exit(1);
        }
    }
}

bool receive(int fd, protocol::FrameSplitter &splitter) {
    static std::uint8_t chunk[64 << 10];
    const ssize_t count = read(fd, chunk, sizeof chunk);
    if (count > 0)
        splitter.append(chunk, static_cast<std::size_t>(count));
    // A virtio port whose host side is not connected reads as 0; so does a
    // socket whose other end is closed.
    return count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN));
}

std::vector<std::uint8_t> Answer::frame() const {
    capnp::MallocMessageBuilder message(static_cast<unsigned>(data.size() / 8 + 32));
    auto reply = message.initRoot<protocol::Reply>();
    reply.setId(id);
    reply.setResult(result);
    reply.setError(error);
    reply.setData(kj::ArrayPtr<const std::uint8_t>(data.data(), data.size()));
    reply.setExtra(extra);
    reply.setTimes(times);
    reply.setNanoseconds(nanoseconds);
    return protocol::to_frame(message);
}

Answer answer_of(long result) {
    Answer answer;
    answer.result = result;
    answer.error = result < 0 ? errno : 0;
    return answer;
}

long read_whole(const char *path, std::vector<std::uint8_t> &data, std::size_t limit) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    constexpr std::size_t step = 16 << 10;
    ssize_t count = 0;
    do {
        const std::size_t before = data.size();
        data.resize(before + step);
        count = read(fd, data.data() + before, step);
        data.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    } while (count > 0 && data.size() <= limit);
    const int error = count > 0 ? EFBIG : errno;
    data.resize(std::min(data.size(), limit));
    close(fd);
    errno = error;
    return count != 0 ? -1 : static_cast<long>(data.size());
}

}  // namespace klass::agent
