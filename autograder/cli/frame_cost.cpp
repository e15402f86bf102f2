// SPDX-License-Identifier: Apache-2.0
#include "cli/frame_cost.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cstring>

#include "guest/interface.h"
#include "judge/lab.h"
#include "judge/network_machine.h"
#include "util/error.h"

namespace klass::cli {

namespace {

using namespace std::chrono_literals;
using guest::Observation;

constexpr std::uint32_t frames = 4000;
constexpr double ns_per_instruction = 2;
// IEEE 802 gives this EtherType to local experiments: nobody in the guest listens to it.
constexpr std::uint16_t local_experiment = 0x88b5;

Observation must(const Observation &observation) {
    if (!observation.ok())
        throw GraderFault(
            fmt::format("the network driver cannot be measured: {}", observation.line()));
    return observation;
}

Bytes own_address() {
    Bytes address;
    const std::string text = judge::card_address;
    for (std::size_t at = 0; at < text.size(); at += 3)
        address.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(at, 2), nullptr, 16)));
    return address;
}

/** A frame from the card to itself. */
Bytes frame_of(std::size_t length) {
    const Bytes address = own_address();
    Bytes frame = address;
    frame.insert(frame.end(), address.begin(), address.end());
    frame.push_back(local_experiment >> 8U);
    frame.push_back(local_experiment & 0xffU);
    frame.resize(length);
    return frame;
}

/** Management Data I/O: register MDIC writes to a register of the PHY; see the card's manual. */
void set_loopback(guest::Process &process) {
    constexpr std::size_t registers = std::size_t{128} << 10;
    constexpr std::uint64_t mdic = 0x20;
    constexpr std::uint32_t write_to_phy = 1U << 26U | 1U << 21U;
    constexpr std::uint32_t control_loopback_gigabit = 0x4140;
    const std::string path = fmt::format("/sys/bus/pci/devices/{}/resource0", judge::card_in_guest);
    guest::File resource = process.as_file(must(process.open(path, O_RDWR)), path);
    const auto mapping = static_cast<std::uint32_t>(
        must(resource.mmap(registers, PROT_READ | PROT_WRITE, MAP_SHARED, 0)).result);
    const std::uint32_t command = write_to_phy | control_loopback_gigabit;
    Bytes bytes(sizeof command);
    std::memcpy(bytes.data(), &command, sizeof command);
    must(process.poke(mapping, mdic, bytes));
}

guest::File packet_socket(guest::Process &process) {
    guest::File socket =
        process.as_file(must(process.socket(AF_PACKET, SOCK_RAW, 0)), "packet socket");
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = std::stoi(text(must(process.read_file("/sys/class/net/eth0/ifindex"))));
    Bytes bytes(sizeof address);
    std::memcpy(bytes.data(), &address, sizeof address);
    must(socket.bind(bytes, "eth0"));
    return socket;
}

std::uint64_t received(guest::Process &process) {
    return std::stoull(text(must(process.read_file("/sys/class/net/eth0/statistics/rx_packets"))));
}

void wait_for_link(guest::Process &process) {
    for (int look = 0; text(must(process.read_file("/sys/class/net/eth0/carrier"))) != "1\n";
         ++look) {
        if (look == 500)
            throw GraderFault("the network driver has no link");
        must(process.sleep(10ms));
    }
}

}  // namespace

double instructions_per_frame(vm::ClonePool &pool, const kernel::BuiltModule &driver,
                              std::size_t length) {
    guest::Guest guest = judge::clone(pool, 1);
    guest::Process process = guest.process();
    must(process.load_module(driver.name, driver.image));
    guest::Interface interface(
        process.as_file(must(process.socket(AF_INET, SOCK_DGRAM, 0)), "eth0"), "eth0");
    must(interface.set_up(true));
    wait_for_link(process);
    set_loopback(process);
    // QEMU's card receives nothing in the first second after its receiver was set up
    // (hw/net/e1000.c, flush_queue_timer).
    must(process.sleep(1500ms));
    guest::File socket = packet_socket(process);
    const guest::Memory frame = guest::Memory::of(frame_of(length));
    must(socket.start_writes(frame, frames).wait(2min));  // the translation of all of it
    const std::uint64_t before = received(process);
    const Observation sent = must(socket.start_writes(frame, frames).wait(2min));
    const std::uint64_t came = received(process) - before;
    if (came < frames * 9 / 10)
        throw GraderFault(fmt::format("of {} frames in loopback only {} came back", frames, came));
    return static_cast<double>(sent.nanoseconds) / ns_per_instruction / frames;
}

}  // namespace klass::cli
