// SPDX-License-Identifier: Apache-2.0
#include "pose/frame_queues.h"

#include <algorithm>
#include <utility>

namespace klass::pose {

FrameQueues::FrameQueues(std::size_t most) : most_(std::max<std::size_t>(most, 1)) {}

bool FrameQueues::push(Job job) {
    bool dropped = false;
    {
        const std::lock_guard lock(mutex_);
        const std::uint64_t client = job.client;
        std::deque<Job> &queue = waiting_[client];
        if (queue.empty())
            turns_.push_back(client);
        dropped = queue.size() == most_;
        if (dropped)
            queue.pop_front();
        queue.push_back(std::move(job));
    }
    changed_.notify_one();
    return dropped;
}

std::optional<Job> FrameQueues::pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !turns_.empty(); });
    if (closed_)
        return std::nullopt;
    const std::uint64_t client = turns_.front();
    turns_.pop_front();
    const auto queue = waiting_.find(client);
    Job job = std::move(queue->second.front());
    queue->second.pop_front();
    if (queue->second.empty())
        waiting_.erase(queue);
    else
        turns_.push_back(client);
    return job;
}

void FrameQueues::forget(std::uint64_t client) {
    const std::lock_guard lock(mutex_);
    waiting_.erase(client);
    std::erase(turns_, client);
}

void FrameQueues::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    changed_.notify_all();
}

}  // namespace klass::pose
