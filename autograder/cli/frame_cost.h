// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What a frame costs a network driver, for `klass bench`.
 */
#pragma once

#include <cstddef>

#include "kernel/kbuild.h"
#include "vm/clone_pool.h"

namespace klass::cli {

/**
 * Instructions that the kernel needs to send one frame and to receive it.
 *
 * The card's PHY is put into loopback (IEEE 802.3, clause 22.2.4.1.2): what a program sends through
 * a packet socket comes in again at once, on the same card. So nothing outside of the guest takes
 * part, and the count repeats.
 *
 * @param pool    of a machine that has a network card and counts instructions, two ns each
 * @param driver  its image is loaded
 * @param length  of the frame, in bytes, without its checksum
 * @throws GraderFault when the driver does not carry frames
 */
double instructions_per_frame(vm::ClonePool &pool, const kernel::BuiltModule &driver,
                              std::size_t length);

}  // namespace klass::cli
