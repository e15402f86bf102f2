// SPDX-License-Identifier: Apache-2.0
#include "kernel/recent_kernels.h"

#include <algorithm>

namespace klass::kernel {

std::shared_ptr<const StudentKernel> RecentKernels::obtain(const std::string &key,
                                                           const Builder &build) {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const auto &entry) { return entry->key == key; });
    if (found != entries_.end()) {
        entries_.splice(entries_.begin(), entries_, found);
    } else {
        auto entry = std::make_shared<Entry>();
        entry->key = key;
        entry->kernel = build(entry->folder.path());
        entries_.push_front(std::move(entry));
        if (entries_.size() > kept)
            entries_.pop_back();
    }
    return {entries_.front(), &entries_.front()->kernel};
}

}  // namespace klass::kernel
