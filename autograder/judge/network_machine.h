// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief The network card of a machine that has one, as QEMU and the guest know it.
 *
 * It sits in a PCI Express root port, because only what sits in one can be plugged in and pulled
 * out of q35 (QEMU's docs/pcie.txt). Another device, a virtio-rng, raises the same interrupt line:
 * on q35, devices whose numbers are equal modulo 4 do (hw/isa/lpc_ich9.c), and without MSI-X
 * vectors it uses its line.
 */
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace klass::judge {

/** QEMU's id of the card; it can be pulled out by this name, and plugged in again. */
inline constexpr const char *card_id = "nic";
/** QEMU's id of the port that it sits in. */
inline constexpr const char *card_port = "root";
/** Where the guest sees it: the first device behind the first bridge. */
inline constexpr const char *card_in_guest = "0000:01:00.0";
/** Its MAC address, as it stands in its EEPROM. */
inline constexpr const char *card_address = "52:54:00:4b:6c:01";
/** What Linux calls the device that shares its interrupt line, among those of /dev/hwrng. */
inline constexpr const char *neighbour_rng = "virtio_rng.1";

/** The port, and the neighbour on the interrupt line. */
std::vector<std::string> network_devices();

/** The card with this MAC address, for -device, but without its netdev. */
std::string network_card(const std::string &address);

/** The arguments of QMP's device_add for the card, where it was pulled out before. */
nlohmann::json card_to_plug_in(const std::string &address);

}  // namespace klass::judge
