// SPDX-License-Identifier: Apache-2.0
#include "util/digest.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <functional>

#include "util/error.h"
#include "util/scoped_fd.h"

namespace klass {

namespace {

using Hash = std::array<unsigned char, crypto_hash_sha256_BYTES>;

class Hasher {
  public:
    Hasher() {
        if (sodium_init() < 0)
            throw GraderFault("libsodium cannot be initialised");
        crypto_hash_sha256_init(&state_);
    }
    void add(std::string_view bytes) {
        crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char *>(bytes.data()),
                                  bytes.size());
    }
    Hash finish() {
        Hash hash;
        crypto_hash_sha256_final(&state_, hash.data());
        return hash;
    }

  private:
    crypto_hash_sha256_state state_;
};

Hash hash_of(std::string_view text) {
    Hasher hasher;
    hasher.add(text);
    return hasher.finish();
}

std::string_view view(const Hash &hash) {
    return {reinterpret_cast<const char *>(hash.data()), hash.size()};
}

/** Reads a file in pieces. std::ifstream would not say why it failed. */
void for_each_piece(const std::filesystem::path &path,
                    const std::function<void(std::string_view)> &take) {
    const ScopedFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid())
        throw GraderFault("cannot read " + path.string() + ": " + errno_text(errno));
    std::array<char, std::size_t{64} * 1024> piece{};
    for (;;) {
        const ssize_t count = read(file.get(), piece.data(), piece.size());
        if (count == 0)
            return;
        if (count > 0)
            take({piece.data(), static_cast<std::size_t>(count)});
        else if (errno != EINTR)
            throw GraderFault("cannot read " + path.string() + ": " + errno_text(errno));
    }
}

[[noreturn]] void throw_write_fault(const std::filesystem::path &path, int error) {
    const std::string message = "cannot write " + path.string() + ": ";
    if (error == ENOSPC || error == EDQUOT)
        throw GraderFault(
            message + "no space left on the disk",
            "free some space below " + path.parent_path().string() + " and try again");
    throw GraderFault(message + errno_text(error));
}

/** A temporary file that is removed again unless it was renamed to its place. */
class TemporaryFile {
  public:
    explicit TemporaryFile(const std::filesystem::path &target)
        : target_(target),
          name_((target.parent_path() / ("." + target.filename().string() + ".XXXXXX")).string()),
          fd_(mkostemp(name_.data(), O_CLOEXEC)) {
        if (!fd_.valid())
            throw_write_fault(target_, errno);
    }
    TemporaryFile(const TemporaryFile &) = delete;
    TemporaryFile &operator=(const TemporaryFile &) = delete;
    ~TemporaryFile() {
        if (!name_.empty())
            unlink(name_.c_str());
    }

    void write(std::string_view contents) {
        while (!contents.empty()) {
            const ssize_t count = ::write(fd_.get(), contents.data(), contents.size());
            if (count >= 0)
                contents.remove_prefix(static_cast<std::size_t>(count));
            else if (errno != EINTR)
                throw_write_fault(target_, errno);
        }
    }
    void become_target() {
        // mkostemp makes 0600; a cache may be shared by several users.
        if (fchmod(fd_.get(), 0644) != 0 || fsync(fd_.get()) != 0 ||
            rename(name_.c_str(), target_.c_str()) != 0)
            throw_write_fault(target_, errno);
        name_.clear();
    }

  private:
    std::filesystem::path target_;
    std::string name_;
    ScopedFd fd_;
};

}  // namespace

Digest &Digest::add(std::string_view field) {
    field_hashes_ += view(hash_of(field));
    return *this;
}

Digest &Digest::add_file(const std::filesystem::path &path) {
    Hasher hasher;
    for_each_piece(path, [&](std::string_view piece) { hasher.add(piece); });
    field_hashes_ += view(hasher.finish());
    return *this;
}

std::string Digest::hex() const {
    return sha256(field_hashes_);
}

std::string sha256(std::string_view text) {
    const Hash hash = hash_of(text);
    std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
    return sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
}

std::string read_file(const std::filesystem::path &path) {
    std::string contents;
    for_each_piece(path, [&](std::string_view piece) { contents += piece; });
    return contents;
}

void write_file_atomically(const std::filesystem::path &path, std::string_view contents) {
    TemporaryFile temporary(path);
    temporary.write(contents);
    temporary.become_target();
}

}  // namespace klass
