// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Which machine a check runs in.
 */
#pragma once

#include <optional>
#include <tuple>

#include "kernel/kernel_store.h"

namespace klass::judge {

/** What a check asks of its machine; the default is what most want. */
struct MachineWish {
    kernel::Flavour flavour = kernel::Flavour::debug;
    unsigned cpus = 1;
    /** Counts instructions, each 2^shift ns of guest time: QEMU's -icount. */
    std::optional<unsigned> icount_shift = {};
    /** Has a network card with a cable to the host; see network_machine.h. */
    bool network = false;
    /**
     * Has a virtual camera (camera_machine.h), and a card of its own network, in which there is
     * nobody but this process (vm/own_network.h). Not together with `network`.
     */
    bool camera = false;

    bool operator==(const MachineWish &) const = default;
    bool operator<(const MachineWish &other) const {
        return std::tie(flavour, cpus, icount_shift, network, camera) <
               std::tie(other.flavour, other.cpus, other.icount_shift, other.network, other.camera);
    }
};

}  // namespace klass::judge
