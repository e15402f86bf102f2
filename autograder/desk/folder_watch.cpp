// SPDX-License-Identifier: Apache-2.0
#include "desk/folder_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include "util/error.h"

namespace klass::desk {

namespace {

namespace fs = std::filesystem;

// Not IN_MODIFY: a file that is being written is not saved yet.
constexpr std::uint32_t wanted = IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM |
                                 IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

bool is_hidden(const fs::path &path) {
    return path.filename().string().starts_with('.');
}

}  // namespace

FolderWatch::FolderWatch(fs::path folder, std::vector<std::string> products)
    : folder_(std::move(folder)),
      products_(std::move(products)),
      inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (!inotify_.valid())
        throw GraderFault("cannot watch a folder: " + errno_text(errno),
                          "raise fs.inotify.max_user_instances (sysctl)");
    add_all();
}

void FolderWatch::add(const fs::path &folder) {
    const int watch = inotify_add_watch(inotify_.get(), folder.c_str(), wanted | IN_ONLYDIR);
    if (watch >= 0)
        folders_[watch] = folder;
    else if (errno != ENOENT && errno != ENOTDIR)
        throw GraderFault("cannot watch " + folder.string() + ": " + errno_text(errno),
                          "raise fs.inotify.max_user_watches (sysctl)");
}

void FolderWatch::add_all() {
    add(folder_);
    std::error_code error;
    for (fs::recursive_directory_iterator entry(folder_, error), end; !error && entry != end;
         entry.increment(error)) {
        const bool is_folder = entry->symlink_status(error).type() == fs::file_type::directory;
        if (is_folder && is_hidden(entry->path()))
            entry.disable_recursion_pending();
        else if (is_folder)
            add(entry->path());
    }
}

bool FolderWatch::counts(int watch, const std::string &name) const {
    // An editor's swap files come and go while somebody types.
    if (name.starts_with('.'))
        return false;
    const auto folder = folders_.find(watch);
    const bool at_top = folder != folders_.end() && folder->second == folder_;
    return !at_top || std::find(products_.begin(), products_.end(), name) == products_.end();
}

bool FolderWatch::take() {
    const bool was_lost = lost();
    bool any_counts = false;
    bool folders_changed = false;
    alignas(inotify_event) std::array<char, 16384> buffer{};
    for (;;) {
        const ssize_t count =
            TEMP_FAILURE_RETRY(read(inotify_.get(), buffer.data(), buffer.size()));
        if (count <= 0)
            break;
        for (ssize_t at = 0; at < count;) {
            const auto *event = reinterpret_cast<const inotify_event *>(buffer.data() + at);
            at += static_cast<ssize_t>(sizeof *event + event->len);
            const std::string name = event->len > 0 ? event->name : "";
            if ((event->mask & IN_IGNORED) != 0)
                folders_.erase(event->wd);
            // What was moved away is still watched, and no longer what the path means.
            if ((event->mask & IN_MOVE_SELF) != 0)
                inotify_rm_watch(inotify_.get(), event->wd);
            folders_changed =
                folders_changed || (event->mask & (IN_ISDIR | IN_Q_OVERFLOW | IN_IGNORED)) != 0;
            any_counts = any_counts || counts(event->wd, name);
        }
    }
    // The folder itself may have been replaced by another of its name.
    if (folders_changed || lost())
        add_all();
    return any_counts || (was_lost && !lost());
}

}  // namespace klass::desk
