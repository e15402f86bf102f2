// SPDX-License-Identifier: Apache-2.0
// Stage 02: a network driver that lets go of everything. What it must do:
// exercises/02-e1000-remove/README.md.
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "judge/detectors.h"
#include "judge/network.h"
#include "judge/network_machine.h"
#include "judge/trial.h"
#include "stages/all_stages.h"
#include "util/error.h"
#include "util/lines.h"

namespace klass::stages {

namespace {

using judge::Network;
using judge::Trial;
using namespace std::chrono_literals;

constexpr const char *driver = "e1000_klass";
constexpr const char *interface = "/sys/class/net/eth0";

std::string card_file(const char *name) {
    return fmt::format("/sys/bus/pci/devices/{}/{}", judge::card_in_guest, name);
}

/** Loads the driver, brings its interface up and sends frames both ways. */
void use(Trial &t, Network &network, const std::string &phase) {
    t.load(driver);
    network.up();
    network.expect_traffic(phase);
}

void unload(Trial &t) {
    t.unload(driver);
    t.expect(t.process().stat(interface)).fails_with(ENOENT);
}

/** Uses the driver once, and unloads it. */
void use_and_unload(Trial &t, Network &network) {
    use(t, network, "before");
    unload(t);
}

// --- what the kernel says

/** The lines of the one that the other has not. */
std::string added(const std::string &before, const std::string &after) {
    const auto known = lines_of(before);
    std::string text;
    for (const std::string &line : lines_of(after))
        if (std::find(known.begin(), known.end(), line) == known.end())
            text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ",
                                printable(line.substr(line.find_first_not_of(' '))));
    return text;
}

/** Who has asked for which interrupt: the ends of the lines of /proc/interrupts, by number. */
std::string handlers(Trial &t) {
    std::string text;
    for (const std::string &line : lines_of(t.read_text("/proc/interrupts"))) {
        // "  20:        153   IO-APIC  20-fasteoi   virtio3, eth0"
        const std::size_t type = line.find("IO-APIC");
        const std::size_t names = type == std::string::npos ? type : line.find("fasteoi", type);
        if (names != std::string::npos)
            text += fmt::format("{}{}\n", line.substr(0, line.find(':') + 1),
                                line.substr(names + std::string_view("fasteoi").size()));
    }
    return text;
}

bool masters_bus(Trial &t) {
    const std::string config = t.read_text(card_file("config"));
    // PCI's command register is at 4; its bit 2 lets a device be a bus master.
    return config.size() > 4 && (static_cast<unsigned char>(config[4]) & 4U) != 0;
}

// How many records DMA-API debugging has left for further mappings; one read of it takes no time,
// where one of the list takes half a second.
constexpr const char *dma_records = "/sys/kernel/debug/dma-api/num_free_entries";

/** DMA-API debugging's list of what is mapped for the card; see Documentation/core-api/dma-api.rst.
 */
std::vector<std::string> dma_mappings(Trial &t) {
    std::vector<std::string> mappings;
    for (std::string &line : lines_of(t.read_text("/sys/kernel/debug/dma-api/dump")))
        if (line.find(judge::card_in_guest) != std::string::npos)
            mappings.push_back(std::move(line));
    return mappings;
}

// --- what the machine says, whatever the kernel says

nlohmann::json find_card(const nlohmann::json &devices) {
    for (const nlohmann::json &device : devices) {
        if (device.value("qdev_id", "") == judge::card_id)
            return device;
        if (device.contains("pci_bridge")) {
            nlohmann::json found =
                find_card(device["pci_bridge"].value("devices", nlohmann::json::array()));
            if (!found.is_null())
                return found;
        }
    }
    return {};
}

/** Where the card's registers are in the machine's memory. */
std::uint64_t registers_of_card(Trial &t) {
    for (const nlohmann::json &bus : t.guest().machine().qmp().execute("query-pci")) {
        const nlohmann::json card = find_card(bus.value("devices", nlohmann::json::array()));
        for (const nlohmann::json &region : card.value("regions", nlohmann::json::array()))
            if (region.value("bar", -1) == 0)
                return region.value("address", std::uint64_t{0});
    }
    throw GraderFault("QEMU does not know where the network card's registers are");
}

std::uint32_t register_of_card(Trial &t, std::uint64_t address) {
    const std::string answer =
        t.guest()
            .machine()
            .qmp()
            .execute("human-monitor-command",
                     {{"command-line", fmt::format("xp /1wx {:#x}", address)}})
            .get<std::string>();
    // "00000000febc0100: 0x00000000"; a card that does not answer reads as all ones.
    const std::size_t at = answer.find("0x");
    std::uint32_t value = UINT32_MAX;
    if (at != std::string::npos)
        std::from_chars(answer.data() + at + 2, answer.data() + answer.size(), value, 16);
    return value == UINT32_MAX ? 0 : value;
}

// --- the card's registers; 8254x Software Developer's Manual, chapter 13

constexpr unsigned interrupt_mask = 0xd0;
constexpr unsigned receive_control = 0x100;
constexpr unsigned transmit_control = 0x400;
constexpr std::uint32_t enabled = 2;  // of the two controls

/**
 * Loads the driver and brings its interface up, until the card is at work: now there is all that an
 * unload has to undo. Takes half the time of use(), as no frame has to come.
 * @return where the card's registers are
 */
std::uint64_t start_card(Trial &t, Network &network) {
    t.load(driver);
    network.up();
    const std::uint64_t registers = registers_of_card(t);
    const std::uint32_t receive = register_of_card(t, registers + receive_control);
    t.expect_that((receive & enabled) != 0, "the card receives while eth0 is up: RCTL.EN is 1",
                  fmt::format("RCTL is {:#x}", receive));
    return registers;
}

// --- checks

void carries_frames(Trial &t) {
    Network network(t);
    use(t, network, "first");
    t.expect_that(
        network.seen_address() == judge::card_address,
        fmt::format("frames come from {}, the address in the card's EEPROM", judge::card_address),
        fmt::format("they come from {}", network.seen_address()));
}

void unloads(Trial &t) {
    Network network(t);
    start_card(t, network);
    unload(t);
}

void expect_as_before(Trial &t, const std::string &path, const std::string &before) {
    const std::string left = added(before, t.read_text(path));
    t.expect_that(left.empty(), fmt::format("{} is as before the load", path),
                  fmt::format("there is still {}", left));
}

void releases_memory(Trial &t) {
    Network network(t);
    const std::string memory = t.read_text("/proc/iomem");
    const std::string ports = t.read_text("/proc/ioports");
    start_card(t, network);
    unload(t);
    expect_as_before(t, "/proc/iomem", memory);
    expect_as_before(t, "/proc/ioports", ports);
}

void releases_interrupt(Trial &t) {
    Network network(t);
    const std::string before = handlers(t);
    start_card(t, network);
    unload(t);
    const std::string left = added(before, handlers(t));
    t.expect_that(left.empty(), "/proc/interrupts names the same handlers as before the load",
                  fmt::format("there is still {}", left));
}

void disables_card(Trial &t) {
    Network network(t);
    start_card(t, network);
    unload(t);
    t.expect(t.process().read_file(card_file("enable"))).gives_text("0\n");
    t.expect_that(!masters_bus(t), "the card is no bus master any more",
                  "the bus master bit in its PCI command register is set");
}

void silences_card(Trial &t) {
    Network network(t);
    const std::uint64_t registers = start_card(t, network);
    unload(t);
    t.note("the host reads the card's registers");
    const std::uint32_t mask = register_of_card(t, registers + interrupt_mask);
    t.expect_that(mask == 0, "the card may not interrupt any more: IMS is 0",
                  fmt::format("it is {:#x}", mask));
    const std::uint32_t receive = register_of_card(t, registers + receive_control);
    t.expect_that((receive & enabled) == 0, "the card does not receive any more: RCTL.EN is 0",
                  fmt::format("RCTL is {:#x}", receive));
    const std::uint32_t transmit = register_of_card(t, registers + transmit_control);
    t.expect_that((transmit & enabled) == 0, "the card does not send any more: TCTL.EN is 0",
                  fmt::format("TCTL is {:#x}", transmit));
}

void unmaps_dma(Trial &t) {
    Network network(t);
    const std::string nothing_mapped = t.read_text(dma_records);
    use(t, network, "before");
    if (t.read_text(dma_records) == nothing_mapped)
        throw GraderFault("DMA-API debugging knows of no mapping while a card receives frames");
    unload(t);
    const auto left = dma_mappings(t);
    t.expect_that(left.empty(), "no memory is mapped for the card any more",
                  fmt::format("{} mappings are left, e.g. \"{}\"", left.size(),
                              left.empty() ? "" : left.front()));
}

void frees_memory(Trial &t) {
    Network network(t);
    use_and_unload(t, network);
    t.expect_nothing_left();
}

void loads_again(Trial &t) {
    Network network(t);
    use_and_unload(t, network);
    use(t, network, "after");
}

/** Bytes of the guest that nobody uses. */
std::uint64_t free_memory(Trial &t) {
    const std::string text = t.read_text("/proc/meminfo");
    const std::string_view key = "MemFree:";
    const std::size_t at = text.find(key);
    std::uint64_t kib = 0;
    if (at != std::string::npos) {
        const std::size_t digits = text.find_first_not_of(' ', at + key.size());
        std::from_chars(text.data() + digits, text.data() + text.size(), kib);
    }
    return kib << 10;
}

void twenty_cycles(Trial &t) {
    constexpr int cycles = 20;
    // What the kernel sets up once and keeps is set up by then.
    constexpr int settled = 5;
    // One receive ring's buffers, kept each time, would be 7.5 MiB. What the kernel keeps on
    // lists of its own (mm/page_alloc.c, per-CPU lists; mm/slub.c) comes and goes by one or two.
    constexpr std::uint64_t allowed = std::uint64_t{4} << 20;
    Network network(t);
    std::uint64_t before = 0;
    for (int cycle = 1; cycle <= cycles; ++cycle) {
        t.load(driver);
        network.up();
        if (cycle == 1 || cycle == cycles)
            network.expect_traffic(fmt::format("cycle-{}", cycle));
        unload(t);
        if (cycle == settled)
            before = free_memory(t);
    }
    const std::uint64_t after = free_memory(t);
    t.metric("memory_lost_in_15_cycles_kib",
             before > after ? static_cast<double>((before - after) >> 10) : 0);
    t.expect_that(after + allowed > before,
                  fmt::format("cycles {} to {} cost no memory", settled + 1, cycles),
                  fmt::format("{} KiB less are free after them", (before - after) >> 10));
}

void unload_under_flood(Trial &t) {
    Network network(t);
    start_card(t, network);
    network.flood();
    unload(t);
    network.calm();
    use(t, network, "after");
}

void down_and_up(Trial &t) {
    Network network(t);
    use(t, network, "before");
    network.down();
    network.up();
    network.expect_traffic("after");
}

void down_under_flood(Trial &t) {
    Network network(t);
    start_card(t, network);
    for (int round = 1; round <= 2; ++round) {
        network.flood();
        network.down();
        network.calm();
        network.up();
    }
    network.expect_traffic("after");
}

/** Has the kernel show the card to the driver again. @return whether the driver took it */
bool probe(Trial &t) {
    t.expect(t.process().write_file("/sys/bus/pci/drivers_probe", judge::card_in_guest)).succeeds();
    return t.process().stat(card_file("driver")).ok();
}

void unbind(Trial &t) {
    t.expect(t.process().write_file(card_file("driver/unbind"), judge::card_in_guest)).succeeds();
    t.expect(t.process().stat(interface)).fails_with(ENOENT);
}

void rebind(Trial &t) {
    Network network(t);
    start_card(t, network);
    unbind(t);
    t.expect_that(probe(t), "the driver takes the card again", "it does not");
    network.up();
    network.expect_traffic("after");
}

void rescan(Trial &t) {
    Network network(t);
    start_card(t, network);
    t.expect(t.process().write_file(card_file("remove"), "1")).succeeds();
    t.expect(t.process().stat(interface)).fails_with(ENOENT);
    t.expect(t.process().write_file("/sys/bus/pci/rescan", "1")).succeeds();
    network.up();
    network.expect_traffic("after");
}

void expect_soon(Trial &t, const std::string &path) {
    const auto there = [&] {
        const bool found = t.process().stat(path).ok();
        if (!found)
            t.expect(t.process().sleep(50ms)).returns(0);
        return found;
    };
    t.expect_that(t.comes_true(there, 15s), fmt::format("{} comes", path), "it does not");
}

void replug(Trial &t) {
    Network network(t);
    start_card(t, network);
    network.flood();
    auto &monitor = t.guest().machine().qmp();
    monitor.execute("device_del", {{"id", judge::card_id}});
    t.note("the host pulls the card out");
    const auto deleted = [&] { return monitor.await_event("DEVICE_DELETED", 200ms); };
    t.expect_that(t.comes_true(deleted, 15s), "the kernel lets go of a card that is pulled out",
                  "it does not");
    t.expect(t.process().stat(interface)).fails_with(ENOENT);
    network.calm();
    const std::string address =
        fmt::format("52:54:00:{:02x}:{:02x}:{:02x}", t.random().between(0, 255),
                    t.random().between(0, 255), t.random().between(0, 255));
    monitor.execute("device_add", judge::card_to_plug_in(address));
    t.note(fmt::format("the host plugs in another one, {}", address));
    expect_soon(t, interface);
    network.up();
    network.expect_traffic("after");
    t.expect_that(network.seen_address() == address,
                  fmt::format("frames come from {}, the address of the new card", address),
                  fmt::format("they come from {}", network.seen_address()));
}

// So deep that what register_netdev() allocates fails, too.
constexpr unsigned injection_depth = 8;

void failed_probe(Trial &t) {
    Network network(t);
    t.load(driver);
    unbind(t);
    // Somebody else has enabled the card, too: so what ACPI does for the first who enables it, with
    // hundreds of allocations of its own, is done, and the driver's are all that there are.
    t.expect(t.process().write_file(card_file("enable"), "1")).succeeds();
    const std::string memory = t.read_text("/proc/iomem");
    unsigned failures = 0;
    judge::set_injection_depth(t.process(), injection_depth);
    for (bool failed = true; failed;) {
        judge::fail_allocation(t.process(), failures + 1);
        const bool bound = probe(t);
        failed = judge::allocation_has_failed(t.process());
        t.note(failed ? fmt::format("its allocation {} has failed", ++failures)
                      : "none of its allocations has failed");
        t.expect_that(bound || failed, "the driver takes the card when no allocation fails",
                      "it does not");
        if (bound)
            unbind(t);
        expect_as_before(t, "/proc/iomem", memory);
        t.expect(t.process().read_file(card_file("enable"))).gives_text("1\n");
    }
    if (failures == 0)
        throw GraderFault("no allocation of the probe could be made to fail");
    t.metric("allocations_that_failed", failures);
    unload(t);
    t.expect(t.process().write_file(card_file("enable"), "0")).succeeds();
    t.expect_nothing_left();
    use(t, network, "after");
}

/** The neighbour on the interrupt line delivers: each request of it ends with an interrupt. */
void expect_neighbour(Trial &t) {
    constexpr std::size_t count = 256;
    auto rng = t.open("/dev/hwrng", O_RDONLY);
    t.expect(rng.read(count)).returns(count);
    t.expect(rng.close()).returns(0);
}

void shared_line(Trial &t) {
    Network network(t);
    t.expect(t.process().write_file("/sys/class/misc/hw_random/rng_current", judge::neighbour_rng))
        .succeeds();
    expect_neighbour(t);
    const std::string before = handlers(t);
    start_card(t, network);
    // Whatever the driver calls its handler.
    if (added(before, handlers(t)).find("virtio") == std::string::npos)
        throw GraderFault("no other device shares the network card's interrupt line");
    expect_neighbour(t);
    network.flood();
    expect_neighbour(t);
    unload(t);
    network.calm();
    expect_neighbour(t);
    use(t, network, "after");
    network.down();
    expect_neighbour(t);
}

}  // namespace

judge::Stage e1000_remove() {
    judge::Stage stage("02-e1000-remove");
    stage.check("carries-frames", carries_frames)
        .check("unloads", unloads)
        .check("releases-memory", releases_memory)
        .check("releases-interrupt", releases_interrupt)
        .check("disables-card", disables_card)
        .check("silences-card", silences_card)
        .check("unmaps-dma", unmaps_dma)
        .check("frees-memory", frees_memory)
        .check("loads-again", loads_again)
        .check("twenty-cycles", twenty_cycles)
        .check("unload-under-flood", unload_under_flood)
        .check("down-and-up", down_and_up)
        .check("down-under-flood", down_under_flood)
        .check("rebind", rebind)
        .check("rescan", rescan)
        .check("replug", replug)
        .check("failed-probe", failed_probe)
        .check("shared-line", shared_line);
    return stage;
}

}  // namespace klass::stages
