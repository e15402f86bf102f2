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
                     "set KLASS_CACHE to a folder with 6 GB of space");
}

fs::path state_folder() {
    if (const auto state = variable("KLASS_STATE"))
        return fs::absolute(*state);
    if (const auto state = variable("XDG_STATE_HOME"); state && state->is_absolute())
        return *state / "klass";
    if (const auto home = variable("HOME"))
        return *home / ".local" / "state" / "klass";
    return {};
}

fs::path agent_program() {
    if (const auto agent = variable("KLASS_AGENT"))
        return fs::absolute(*agent);
    return program_beside_this("klass-agent");
}

}  // namespace

fs::path program_beside_this(std::string_view name) {
    std::error_code error;
    const fs::path self = fs::read_symlink("/proc/self/exe", error);
    if (error)
        throw GraderFault("cannot tell where this program lies: " + error.message(), "mount /proc");
    return self.parent_path() / name;
}

Paths Paths::from_environment() {
    return {.course = fs::absolute(variable("KLASS_COURSE").value_or(KLASS_COURSE_DIR)),
            .cache = cache_folder(),
            .agent = agent_program(),
            .state = state_folder()};
}

}  // namespace klass
