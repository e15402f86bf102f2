// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Clones of one snapshot, with QEMU processes started ahead of their need.
 */
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "vm/snapshot.h"

namespace klass::vm {

/** Hands out machines that run from where the snapshot was frozen. Any thread may take one. */
class ClonePool {
  public:
    /**
     * @param ahead  how many QEMU processes wait, started and idle, for their state; 0 starts each
     *               when it is asked for
     * @param total  how many clones will be taken at most, so that none is started in vain;
     *               0 when not known
     */
    ClonePool(std::shared_ptr<const Snapshot> snapshot, unsigned ahead, unsigned total = 0);
    ClonePool(const ClonePool &) = delete;
    ClonePool &operator=(const ClonePool &) = delete;
    ~ClonePool();

    /** A running clone. @throws GraderFault when QEMU cannot be started or thawed */
    Machine take();

    /** Whether machines are still started ahead of their need; not after one could not be. */
    [[nodiscard]] bool works() const;

    /** How many machines wait now. */
    [[nodiscard]] std::size_t waiting() const;

    [[nodiscard]] const Snapshot &snapshot() const { return *snapshot_; }

  private:
    void fill();
    [[nodiscard]] bool may_start() const;

    std::shared_ptr<const Snapshot> snapshot_;
    unsigned ahead_;
    unsigned total_;
    unsigned started_ = 0;
    bool starting_ = false;
    bool closing_ = false;
    std::deque<Machine> machines_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::thread filler_;
};

}  // namespace klass::vm
