// SPDX-License-Identifier: Apache-2.0
#include "guest/observation.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstring>

namespace klass::guest {

Bytes Observation::got() const {
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(result, 0));
    return {data.begin(), data.begin() + static_cast<std::ptrdiff_t>(std::min(count, data.size()))};
}

std::string Observation::outcome() const {
    switch (state) {
        case State::returned:
            return result < 0 ? fmt::format("returned -1 {}", errno_text(error))
                              : fmt::format("returned {}", result);
        case State::pending:
            return "did not return";
        case State::killed: {
            const char *name = sigabbrev_np(signal);
            return name == nullptr ? fmt::format("ended its process, by signal {}", signal)
                                   : fmt::format("ended its process, by SIG{}", name);
        }
        case State::lost:
            return "did not return: the kernel no longer answered";
    }
    return {};
}

std::string Observation::line() const {
    if (state != State::returned)
        return fmt::format("{}: {}", what, outcome());
    return result < 0 ? fmt::format("{} = -1 {}", what, errno_text(error))
                      : fmt::format("{} = {}", what, result);
}

}  // namespace klass::guest
