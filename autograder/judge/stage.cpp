// SPDX-License-Identifier: Apache-2.0
#include "judge/stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "util/error.h"

namespace klass::judge {

Stage &Stage::check(std::string id, CheckFunction function) {
    checks_.push_back({std::move(id), std::move(function)});
    return *this;
}

Stage &Stage::check(std::string id, BootCheckFunction function) {
    checks_.push_back({std::move(id), std::move(function)});
    return *this;
}

const Stage::Entry *Stage::entry(std::string_view check) const {
    const auto found = std::find_if(checks_.begin(), checks_.end(),
                                    [&](const Entry &entry) { return entry.id == check; });
    return found == checks_.end() ? nullptr : &*found;
}

const CheckFunction *Stage::find(std::string_view check) const {
    const Entry *found = entry(check);
    return found == nullptr ? nullptr : std::get_if<CheckFunction>(&found->function);
}

const BootCheckFunction *Stage::find_boot(std::string_view check) const {
    const Entry *found = entry(check);
    return found == nullptr ? nullptr : std::get_if<BootCheckFunction>(&found->function);
}

void Stage::verify(const Manifest &manifest) const {
    std::vector<std::string> complaints;
    const bool boots = manifest.kind == Kind::kernel;
    for (const CheckInfo &info : manifest.checks) {
        if (entry(info.id) == nullptr)
            complaints.push_back(fmt::format("{} has no code", info.id));
        else if ((find_boot(info.id) != nullptr) != boots)
            complaints.push_back(
                fmt::format("{} is not written for {}", info.id, boots ? "a kernel" : "modules"));
    }
    for (const Entry &entry : checks_)
        if (std::none_of(manifest.checks.begin(), manifest.checks.end(),
                         [&](const CheckInfo &info) { return info.id == entry.id; }))
            complaints.push_back(fmt::format("{} is not in stage.toml", entry.id));
    if (!complaints.empty())
        throw UsageError(fmt::format("the checks of {} and its stage.toml disagree: {}", id_,
                                     fmt::join(complaints, ", ")));
}

}  // namespace klass::judge
