// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The socket at which a server waits for clients.
 */
#pragma once

#include <filesystem>
#include <string>

#include "util/scoped_fd.h"

namespace klass::pose {

/** A listening stream socket, non-blocking. A UNIX socket's file goes with its owner. */
class Listener {
  public:
    /**
     * @param address  "ADDRESS:PORT", numeric; IPv6 in brackets; port 0 lets the kernel choose
     * @throws UsageError when it is none, or cannot be listened at, with the reason
     */
    static Listener tcp(const std::string &address);
    /**
     * @param path  where the socket is made; one that a dead server left there is replaced
     * @throws UsageError when something else is there, or somebody listens
     */
    static Listener unix_socket(const std::filesystem::path &path);

    Listener(Listener &&) noexcept = default;
    Listener &operator=(Listener &&) = delete;
    ~Listener();

    [[nodiscard]] int fd() const { return fd_.get(); }
    /** Where clients find it: "127.0.0.1:40312", or the path. */
    [[nodiscard]] const std::string &where() const { return where_; }

  private:
    Listener(ScopedFd fd, std::string where, std::filesystem::path path);

    ScopedFd fd_;
    std::string where_;
    std::filesystem::path path_;  ///< of a UNIX socket, else empty
};

/** The other end of a connection: "127.0.0.1:40312", "[::1]:5", or "unix". */
std::string peer_of(int socket);

}  // namespace klass::pose
