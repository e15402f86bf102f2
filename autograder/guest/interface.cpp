// SPDX-License-Identifier: Apache-2.0
#include "guest/interface.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <cstring>

namespace klass::guest {

namespace {

ifreq request_for(const std::string &name) {
    ifreq request{};
    name.copy(static_cast<char *>(request.ifr_name), IFNAMSIZ - 1);
    return request;
}

sockaddr_in internet_address(const std::string &address, std::uint16_t port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port);
    inet_pton(AF_INET, address.c_str(), &result.sin_addr);
    return result;
}

Memory address_request(const std::string &name, const std::string &address) {
    ifreq request = request_for(name);
    const sockaddr_in value = internet_address(address, 0);
    std::memcpy(&request.ifr_addr, &value, sizeof value);
    return Memory::of(bytes_of_struct(request));
}

}  // namespace

Bytes socket_address(const std::string &address, std::uint16_t port) {
    return bytes_of_struct(internet_address(address, port));
}

Observation Interface::set_address(const std::string &address) {
    return socket_.ioctl(SIOCSIFADDR, address_request(name_, address),
                         fmt::format("ip address add {} dev {}", address, name_));
}

Observation Interface::set_netmask() {
    return socket_.ioctl(SIOCSIFNETMASK, address_request(name_, "255.255.255.0"),
                         fmt::format("netmask of {}: 255.255.255.0", name_));
}

Observation Interface::set_up(bool up) {
    ifreq request = request_for(name_);
    request.ifr_flags = static_cast<short>(up ? IFF_UP : 0);
    return socket_.ioctl(SIOCSIFFLAGS, Memory::of(bytes_of_struct(request)),
                         fmt::format("ip link set {} {}", name_, up ? "up" : "down"));
}

}  // namespace klass::guest
