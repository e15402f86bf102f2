// SPDX-License-Identifier: Apache-2.0
/*
 * klass-own-network CONTROL COUNT PROGRAM [ARGUMENT]...: runs a program in a network of its own.
 *
 * It makes a user and a network namespace in which there is a loopback interface and nothing else,
 * and in it COUNT TCP sockets. They go over CONTROL (unix(7), SCM_RIGHTS): whoever gets one can
 * bind it and listen, and is in that network with the program. Then it becomes the program.
 */
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

[[noreturn]] void fail(const char *what) {
    std::fprintf(stderr, "%s: %s\n", what, std::strerror(errno));
    std::exit(1);
}

void write_to(const char *path, const std::string &text) {
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        fail(path);
    close(fd);
}

// user_namespaces(7): who we were keeps its number, and has a network to set up.
void enter_namespaces() {
    const std::string user = std::to_string(geteuid());
    const std::string group = std::to_string(getegid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        fail("a network of its own");
    write_to("/proc/self/setgroups", "deny");
    write_to("/proc/self/uid_map", user + " " + user + " 1");
    write_to("/proc/self/gid_map", group + " " + group + " 1");
}

void set_up_loopback() {
    const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request = {};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (control < 0 || ioctl(control, SIOCSIFFLAGS, &request) < 0)
        fail("the loopback interface");
    close(control);
}

void give_away(int control, int socket) {
    char byte = 0;
    iovec data = {&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof socket)> space{};
    msghdr message = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = space.data();
    message.msg_controllen = space.size();
    cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof socket);
    std::memcpy(CMSG_DATA(header), &socket, sizeof socket);
    if (sendmsg(control, &message, 0) < 0)
        fail("giving a socket away");
}

int number(std::string_view text) {
    int value = -1;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || value < 0) {
        std::fprintf(stderr, "usage: klass-own-network CONTROL COUNT PROGRAM [ARGUMENT]...\n");
        std::exit(2);
    }
    return value;
}

}  // namespace

int main(int argc, char **argv) {
    const int control = number(argc > 3 ? argv[1] : "");
    const int count = number(argc > 3 ? argv[2] : "");
    enter_namespaces();
    set_up_loopback();
    for (int i = 0; i < count; ++i) {
        const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (made < 0)
            fail("a socket");
        give_away(control, made);
        close(made);
    }
    close(control);
    execv(argv[3], argv + 3);
    fail(argv[3]);
}
