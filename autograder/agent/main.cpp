// SPDX-License-Identifier: Apache-2.0
// The guest's process 1: mounts what system calls need, opens the port to the
// host and serves it.
#include <fcntl.h>
#include <malloc.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "agent/supervisor.h"

namespace {

constexpr const char *port_name = "/dev/vport0p1";

void mount_at(const char *type, const char *target) {
    mkdir(target, 0755);
    if (mount(type, target, type, 0, nullptr) < 0 && errno != EBUSY && errno != ENODEV)
        std::fprintf(stderr, "klass-agent: mount %s: %s\n", target, std::strerror(errno));
}

int open_port() {
    // The port's node appears when the virtio driver has probed it.
    for (int tries = 0; tries < 10000; ++tries) {
        const int port = open(port_name, O_RDWR | O_CLOEXEC);
        if (port >= 0)
            return port;
        const timespec moment{0, 1000000};
        nanosleep(&moment, nullptr);
    }
    return -1;
}

}  // namespace

int main() {
    // Memory once had is kept, by the actors too: to give it back and ask for it
    // again would be half of what a clone does.
    mallopt(M_MMAP_THRESHOLD, INT_MAX);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    umask(0);
    mount_at("proc", "/proc");
    mount_at("sysfs", "/sys");
    mount_at("devtmpfs", "/dev");
    mount_at("tmpfs", "/tmp");
    mount_at("debugfs", "/sys/kernel/debug");
    mount_at("tracefs", "/sys/kernel/tracing");
    const int port = open_port();
    if (port < 0) {
        std::fprintf(stderr, "klass-agent: no port %s: %s\n", port_name, std::strerror(errno));
        return 1;
    }
    klass::agent::supervise(port);
}
