// SPDX-License-Identifier: Apache-2.0
#include "util/file_lock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>

#include <cerrno>

#include "util/error.h"
#include "util/subprocess.h"

namespace klass {

namespace {

constexpr int retry_ms = 100;

/** True when the lock is ours now. */
bool try_lock(int fd, const std::filesystem::path &path) {
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return false;
        if (errno != EINTR)
            throw GraderFault("cannot lock " + path.string() + ": " + errno_text(errno));
    }
    return true;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path &path, const std::function<void()> &waiting) {
    std::error_code ignored;  // open() says why when the folder is not there
    std::filesystem::create_directories(path.parent_path(), ignored);
    fd_.reset(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (!fd_.valid())
        throw GraderFault("cannot open the lock file " + path.string() + ": " + errno_text(errno));
    if (try_lock(fd_.get(), path))
        return;
    if (waiting)
        waiting();
    // Not a blocking flock(2): a signal may arrive in another thread and not wake it.
    while (!try_lock(fd_.get(), path)) {
        pollfd interrupt{interrupt_fd(), POLLIN, 0};
        poll(&interrupt, 1, retry_ms);
        throw_if_interrupted();
    }
}

}  // namespace klass
