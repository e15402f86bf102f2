// SPDX-License-Identifier: Apache-2.0
#include "vm/clone_pool.h"

#include <optional>
#include <utility>

namespace klass::vm {

ClonePool::ClonePool(std::shared_ptr<const Snapshot> snapshot, unsigned ahead, unsigned total)
    : snapshot_(std::move(snapshot)), ahead_(ahead), total_(total) {
    if (ahead_ > 0)
        filler_ = std::thread([this] { fill(); });
}

ClonePool::~ClonePool() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    changed_.notify_all();
    if (filler_.joinable())
        filler_.join();
}

bool ClonePool::may_start() const {
    return machines_.size() < ahead_ && (total_ == 0 || started_ < total_);
}

void ClonePool::fill() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return closing_ || may_start(); });
        if (closing_)
            return;
        ++started_;
        starting_ = true;
        lock.unlock();
        std::optional<Machine> machine;
        try {
            machine.emplace(snapshot_->start_waiting());
        } catch (const std::exception &) {
            // The next taker starts its own, and reports what is wrong with it.
        }
        lock.lock();
        starting_ = false;
        closing_ = closing_ || !machine;
        if (machine)
            machines_.push_back(std::move(*machine));
        changed_.notify_all();
    }
}

Machine ClonePool::take() {
    std::unique_lock lock(mutex_);
    // One that is being started will be there sooner than one that is not.
    changed_.wait(
        lock, [this] { return !machines_.empty() || closing_ || (!starting_ && !may_start()); });
    std::optional<Machine> machine;
    if (!machines_.empty()) {
        machine.emplace(std::move(machines_.front()));
        machines_.pop_front();
    }
    lock.unlock();
    changed_.notify_all();
    if (!machine)
        machine.emplace(snapshot_->start_waiting());
    snapshot_->resume(*machine);
    return std::move(*machine);
}

bool ClonePool::works() const {
    const std::lock_guard lock(mutex_);
    return !closing_;
}

std::size_t ClonePool::waiting() const {
    const std::lock_guard lock(mutex_);
    return machines_.size();
}

}  // namespace klass::vm
