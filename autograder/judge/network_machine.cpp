// SPDX-License-Identifier: Apache-2.0
#include "judge/network_machine.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace klass::judge {

std::vector<std::string> network_devices() {
    return {"-device", fmt::format("pcie-root-port,id={},chassis=1,addr=8", card_port), "-device",
            "virtio-rng-pci,vectors=0,addr=0xc"};
}

std::string network_card(const std::string &address) {
    return fmt::format("e1000,id={},bus={},mac={}", card_id, card_port, address);
}

nlohmann::json card_to_plug_in(const std::string &address) {
    return {{"driver", "e1000"}, {"id", card_id},     {"bus", card_port},
            {"mac", address},    {"netdev", "cable"}, {"romfile", ""}};
}

}  // namespace klass::judge
