// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Notices that something in a folder may have changed: inotify(7).
 */
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "util/scoped_fd.h"

namespace klass::desk {

/**
 * Watches a folder and the folders in it, hidden ones left out.
 *
 * What exactly changed it does not say: an editor may write in place, rename a new file over the
 * old one, or save several at once; whoever watches reads the files, and sees.
 */
class FolderWatch {
  public:
    /**
     * @param products  names at the top of the folder that do not count: what make builds there. A
     *                  linker begins with an empty file, which nobody could tell from a new source.
     * @throws GraderFault when the kernel has no watch left to give
     */
    explicit FolderWatch(std::filesystem::path folder, std::vector<std::string> products = {});

    /** For poll(2): readable when something happened. */
    [[nodiscard]] int fd() const { return inotify_.get(); }

    /** Takes what happened. True when a file that may count was among it. */
    bool take();

    /** The folder is gone: nothing can be noticed, and take() looks whether it is back. */
    [[nodiscard]] bool lost() const { return folders_.empty(); }

  private:
    void add(const std::filesystem::path &folder);
    void add_all();
    [[nodiscard]] bool counts(int watch, const std::string &name) const;

    std::filesystem::path folder_;
    std::vector<std::string> products_;
    ScopedFd inotify_;
    std::map<int, std::filesystem::path> folders_;
};

}  // namespace klass::desk
