// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief SHA-256 of texts, files and whole folders: the keys of the cache and the identity of a
 * submission.
 */
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace klass {

/**
 * Accumulates fields. Each is hashed by itself and the digest is the hash of those hashes, so that
 * "ab", "c" and "a", "bc" differ, and a large file costs no memory.
 */
class Digest {
  public:
    Digest &add(std::string_view field);
    /** Adds the contents of a file as one field, the same as add() of them. @throws GraderFault
     * when it cannot be read. */
    Digest &add_file(const std::filesystem::path &path);
    /** SHA-256 of all that was added, 64 lower-case hexadecimal digits. Does not end the digest. */
    [[nodiscard]] std::string hex() const;

  private:
    std::string field_hashes_;
};

/** SHA-256 of a text as hexadecimal digits. */
std::string sha256(std::string_view text);

/** The whole contents of a file. @throws GraderFault when it cannot be read. */
std::string read_file(const std::filesystem::path &path);

/**
 * Writes a file so that a reader sees the old contents or the new, never a
 * part: a temporary beside it, fsync, rename.
 * @throws GraderFault with the reason, "no space left" among them.
 */
void write_file_atomically(const std::filesystem::path &path, std::string_view contents);

}  // namespace klass
