// SPDX-License-Identifier: Apache-2.0
#include "util/temporary_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <string>

#include "util/error.h"

namespace klass {

namespace {

namespace fs = std::filesystem;

// What begins so is ours to remove: nobody calls a folder of his own like that.
constexpr std::string_view prefix = "klass-tmp-";

/** A folder that a build left without permissions must not outlive us. */
void make_folders_removable(const fs::path &folder) {
    std::error_code ignored;
    fs::permissions(folder, fs::perms::owner_all, fs::perm_options::add, ignored);
    for (fs::directory_iterator entry(folder, ignored), end; entry != end; entry.increment(ignored))
        if (entry->symlink_status(ignored).type() == fs::file_type::directory)
            make_folders_removable(entry->path());
}

void remove_folder(const fs::path &path) {
    std::error_code error;
    fs::remove_all(path, error);
    if (error) {
        make_folders_removable(path);
        fs::remove_all(path, error);
    }
}

ScopedFd open_folder(const fs::path &path) {
    return ScopedFd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/** Of our user, and old enough to have been locked by whoever made it. */
bool may_be_abandoned(const ScopedFd &folder) {
    constexpr std::time_t youth = 60;
    struct stat status {};
    return folder.valid() && fstat(folder.get(), &status) == 0 && status.st_uid == geteuid() &&
           status.st_mtim.tv_sec + youth < std::time(nullptr);
}

fs::path parent_folder() {
    const char *value = std::getenv("TMPDIR");
    return value == nullptr || *value == '\0' ? "/tmp" : value;
}

}  // namespace

void remove_abandoned_folders(const fs::path &parent) {
    std::error_code ignored;
    for (fs::directory_iterator entry(parent, ignored), end; entry != end;
         entry.increment(ignored)) {
        if (!entry->path().filename().string().starts_with(prefix))
            continue;
        const ScopedFd folder = open_folder(entry->path());
        if (may_be_abandoned(folder) && flock(folder.get(), LOCK_EX | LOCK_NB) == 0)
            remove_folder(entry->path());
    }
}

TemporaryFolder::TemporaryFolder(std::string_view purpose) {
    const fs::path parent = parent_folder();
    static std::once_flag cleaned;
    std::call_once(cleaned, [&] { remove_abandoned_folders(parent); });
    std::string name =
        fs::absolute(parent / (std::string(prefix) + std::string(purpose) + "-XXXXXX")).string();
    if (mkdtemp(name.data()) == nullptr)
        throw GraderFault("cannot make a folder in " + parent.string() + ": " + errno_text(errno),
                          "set TMPDIR to a folder that can be written to");
    path_ = name;
    lock_ = open_folder(path_);
    // On a file system without locks it may be taken for abandoned, a minute from now.
    static_cast<void>(flock(lock_.get(), LOCK_EX | LOCK_NB));
}

TemporaryFolder::~TemporaryFolder() {
    remove_folder(path_);
}

}  // namespace klass
