// SPDX-License-Identifier: Apache-2.0
#include "util/cache_entry.h"

#include <system_error>

namespace klass {

namespace fs = std::filesystem;

void mark_used(const fs::path &mark) {
    std::error_code ignored;
    fs::last_write_time(mark, fs::file_time_type::clock::now(), ignored);
}

std::size_t remove_unused(const fs::path &parent, const std::string &mark,
                          std::chrono::seconds life) {
    const auto oldest = fs::file_time_type::clock::now() - life;
    std::size_t removed = 0;
    std::error_code error;
    for (const fs::directory_entry &entry : fs::directory_iterator(parent, error)) {
        if (!entry.is_directory(error))
            continue;
        auto used = fs::last_write_time(entry.path() / mark, error);
        if (error)
            used = fs::last_write_time(entry.path(), error);
        if (error || used >= oldest)
            continue;
        // The mark first: a folder without it is half made, and nobody takes it for whole.
        fs::remove(entry.path() / mark, error);
        fs::remove_all(entry.path(), error);
        removed += error ? 0 : 1;
    }
    return removed;
}

}  // namespace klass
