// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A frozen machine on disk, and its memory as clones see it.
 */
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "util/progress.h"
#include "util/scoped_fd.h"
#include "vm/machine.h"

namespace klass::vm {

/**
 * The memory and state of a frozen machine, open and immutable.
 *
 * The memory is a sealed memfd (memfd_create(2), F_SEAL_WRITE): not even a QEMU that a guest took
 * over can change what the next clone starts from. Shared by all clones of this process.
 */
class Snapshot {
  public:
    /** Takes over an already loaded memory. */
    Snapshot(MachineSpec spec, ScopedFd ram, std::filesystem::path state, std::string note);

    /** A QEMU process that waits for resume(); 30 to 60 ms of its start are then already over. */
    [[nodiscard]] Machine start_waiting() const;
    /** Lets a waiting machine go on from where the snapshot was frozen. */
    void resume(Machine &machine) const;

    [[nodiscard]] const MachineSpec &spec() const { return spec_; }
    /** What the maker of the snapshot wrote down for its users. */
    [[nodiscard]] const std::string &note() const { return note_; }

  private:
    MachineSpec spec_;
    ScopedFd ram_;
    std::filesystem::path state_;
    std::string note_;
    MachineSpec clone_spec_;
};

/** Brings a booted machine to the point where it is to be frozen; returns the snapshot's note. */
using Prepare = std::function<std::string(Machine &)>;

/**
 * Snapshots in a cache folder: CACHE/snapshot/KEY16/{ram,state,kernel-stub,note}. `note` is written
 * last; a folder without it is a half-made one, and is made anew. Safe with several processes.
 * All users that reach the cache can read them. Until they are whole, memory and state lie in
 * KEY16/making, a folder for their maker alone.
 */
class SnapshotStore {
  public:
    SnapshotStore(std::filesystem::path cache, Progress &progress);

    /**
     * Loads the snapshot of @p spec, made first if need be.
     * @param name  for the progress line: "the debug kernel"
     * @param usual about how long it takes to boot, for the same line
     * @param key   digest of everything under the snapshot: kernel, agent, QEMU's version, ...
     * @throws GraderFault when the boot fails, with the end of the console; on a full disk
     */
    std::shared_ptr<const Snapshot> obtain(const MachineSpec &spec, const std::string &name,
                                           std::chrono::milliseconds usual, const std::string &key,
                                           const Prepare &prepare);

    /** Whether it is there already. */
    [[nodiscard]] bool has(const std::string &key) const;

  private:
    void make(const MachineSpec &spec, const std::filesystem::path &folder,
              const Prepare &prepare) const;

    std::filesystem::path cache_;
    Progress &progress_;
};

}  // namespace klass::vm
