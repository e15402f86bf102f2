// SPDX-License-Identifier: Apache-2.0
#include "util/paths.h"

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>

#include "util/error.h"

namespace klass {

namespace {

namespace fs = std::filesystem;

/** A variable of the environment; one that is set to nothing counts as not set. */
std::optional<fs::path> variable(const char *name) {
    const char *value = std::getenv(name);
    if (value == nullptr || *value == '\0')
        return std::nullopt;
    return fs::path(value);
}

fs::path cache_folder() {
    if (const auto cache = variable("KLASS_CACHE"))
        return fs::absolute(*cache);
    // The XDG Base Directory Specification says that a relative path is to be ignored.
    if (const auto cache = variable("XDG_CACHE_HOME"); cache && cache->is_absolute())
        return *cache / "klass";
    if (const auto home = variable("HOME"))
        return *home / ".cache" / "klass";
    throw UsageError("there is no place for the cache: neither KLASS_CACHE nor HOME is set",
                     "set KLASS_CACHE to a folder with 10 GB of space");
}

fs::path agent_program() {
    if (const auto agent = variable("KLASS_AGENT"))
        return fs::absolute(*agent);
    std::error_code error;
    const fs::path self = fs::read_symlink("/proc/self/exe", error);
    if (error)
        throw GraderFault("cannot tell where this program lies: " + error.message(),
                          "mount /proc, or set KLASS_AGENT to the path of klass-agent");
    return self.parent_path() / "klass-agent";
}

/** A folder that a build left without permissions must not outlive us. */
void make_folders_removable(const fs::path &folder) {
    std::error_code ignored;
    fs::permissions(folder, fs::perms::owner_all, fs::perm_options::add, ignored);
    for (fs::directory_iterator entry(folder, ignored), end; entry != end; entry.increment(ignored))
        if (entry->symlink_status(ignored).type() == fs::file_type::directory)
            make_folders_removable(entry->path());
}

}  // namespace

Paths Paths::from_environment() {
    return {.course = fs::absolute(variable("KLASS_COURSE").value_or(KLASS_COURSE_DIR)),
            .cache = cache_folder(),
            .agent = agent_program()};
}

TemporaryFolder::TemporaryFolder(std::string_view purpose) {
    const fs::path parent = variable("TMPDIR").value_or("/tmp");
    std::string name =
        fs::absolute(parent / ("klass-" + std::string(purpose) + "-XXXXXX")).string();
    if (mkdtemp(name.data()) == nullptr)
        throw GraderFault("cannot make a folder in " + parent.string() + ": " + errno_text(errno),
                          "set TMPDIR to a folder that can be written to");
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code error;
    fs::remove_all(path_, error);
    if (error) {
        make_folders_removable(path_);
        fs::remove_all(path_, error);
    }
}

}  // namespace klass
