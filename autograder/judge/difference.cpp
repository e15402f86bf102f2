// SPDX-License-Identifier: Apache-2.0
#include "judge/difference.h"

#include <fmt/format.h>

#include <algorithm>

namespace klass::judge {

namespace {

bool differ(const std::string &then, const std::string &now) {
    return !then.empty() && !now.empty() && then != now;
}

/** Where the cache lies is nobody's business: a file counts by its name in it, by the key. */
std::vector<std::string> without_places(const std::vector<std::string> &command) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < command.size(); ++i) {
        const bool place = i == 0 || command[i - 1] == "-kernel" || command[i - 1] == "-initrd";
        words.push_back(place ? std::string() : command[i]);
    }
    return words;
}

}  // namespace

std::vector<std::string> differences(const Verdict &then, const Verdict &now) {
    std::vector<std::string> found;
    if (differ(then.submission.sha256, now.submission.sha256))
        found.emplace_back("the sources have changed since the report");
    if (differ(then.kernel.key, now.kernel.key))
        found.push_back(
            fmt::format("the kernel is another build than that of the report ({} then, {} now)",
                        then.kernel.release, now.kernel.release));
    if (differ(then.qemu.version, now.qemu.version))
        found.push_back(fmt::format("QEMU is another one than that of the report ({} then, {} now)",
                                    then.qemu.version, now.qemu.version));
    if (differ(then.qemu.accelerator, now.qemu.accelerator))
        found.push_back(fmt::format("the machine runs in another way ({} then, {} now)",
                                    then.qemu.accelerator, now.qemu.accelerator));
    else if (!then.qemu.command.empty() && !now.qemu.command.empty() &&
             without_places(then.qemu.command) != without_places(now.qemu.command))
        found.emplace_back("QEMU's command line is another one than in the report");
    if (differ(then.checks_sha256, now.checks_sha256))
        found.emplace_back(
            "Klass, or the stage's manifest, is another one than that of the report: its checks "
            "may "
            "differ");
    return found;
}

}  // namespace klass::judge
