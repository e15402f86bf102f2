// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A folder that goes with its owner, even with one that was killed.
 */
#pragma once

#include <filesystem>
#include <string_view>

#include "util/scoped_fd.h"

namespace klass {

/**
 * A folder under $TMPDIR, or /tmp, that is removed, contents and all, with this object.
 *
 * While it exists it is locked (flock(2)). The first one that a process makes removes those whose
 * owner was killed, and which therefore nobody locks.
 */
class TemporaryFolder {
  public:
    /**
     * @param purpose a word for the folder's name: klass-PURPOSE-XXXXXX
     * @throws GraderFault when it cannot be made
     */
    explicit TemporaryFolder(std::string_view purpose);
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;
    ~TemporaryFolder();
    [[nodiscard]] const std::filesystem::path &path() const { return path_; }

  private:
    std::filesystem::path path_;
    ScopedFd lock_;
};

/** Removes our user's folders of this kind that nobody locks and that are older than a minute. */
void remove_abandoned_folders(const std::filesystem::path &parent);

}  // namespace klass
