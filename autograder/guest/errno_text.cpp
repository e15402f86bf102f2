// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstring>

#include "guest/observation.h"

namespace klass::guest {

std::string errno_text(int error) {
    // strerrorname_np(3) and strerrordesc_np(3): glibc 2.32 and later.
    const char *name = strerrorname_np(error);
    if (name == nullptr)
        return fmt::format("errno {}", error);
    return fmt::format("{} ({})", name, strerrordesc_np(error));
}

}  // namespace klass::guest
