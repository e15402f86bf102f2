// SPDX-License-Identifier: Apache-2.0
#include "util/free_space.h"

#include <fmt/format.h>

#include <system_error>

#include "util/error.h"

namespace klass {

void require_space(const std::filesystem::path &folder, std::uintmax_t wanted,
                   std::string_view what, std::string_view variable) {
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    if (!error && space.available < wanted)
        throw GraderFault(
            fmt::format("there is not enough space in {}: {} MiB are free, {} may need {}",
                        folder.string(), space.available >> 20, what, wanted >> 20),
            fmt::format("make room, or set {} to a folder that has some", variable));
}

}  // namespace klass
