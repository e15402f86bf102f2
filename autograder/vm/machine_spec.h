// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What a virtual machine consists of, and the QEMU command line that makes it.
 *
 * vm/ knows the QEMU process, QMP, freezing and cloning. It knows no guest
 * protocol: what the two sockets carry is not its business.
 */
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace klass::vm {

/** What executes the guest's instructions. */
enum class Accelerator { tcg, kvm };

const char *to_string(Accelerator accelerator);

/** What a network card's cable leads to. */
enum class Cable {
    frames,      ///< a datagram socket of ours, with one Ethernet frame each
    own_network  ///< a network of the guest's and ours, with TCP: see own_network.h
};

/** A virtual machine, as far as a guest can see it. */
struct MachineSpec {
    std::filesystem::path qemu;    ///< the program
    std::filesystem::path kernel;  ///< bzImage, or a vmlinux with a PVH note
    std::filesystem::path initrd;
    std::string append;  ///< the kernel's command line
    unsigned memory_mib = 256;
    unsigned cpus = 1;
    Accelerator accelerator = Accelerator::tcg;
    /**
     * One instruction is 2^shift nanoseconds of guest time (-icount); TCG only. Time in which the
     * guest has nothing to do is skipped, but with Cable::own_network it passes.
     */
    std::optional<unsigned> icount_shift;
    std::vector<std::string> devices;  ///< further arguments, e.g. {"-device", "edu"}
    /**
     * A network card with a cable to the host: its model, e.g. "e1000", and what else QEMU's
     * -device takes, "e1000,bus=root". None when empty.
     */
    std::string network_card;
    Cable cable = Cable::frames;
};

/** File descriptors that QEMU inherits; the numbers go into its command line. */
struct MachineFds {
    int kernel = -1;
    int initrd = -1;
    int ram = -1;      ///< a file of memory_mib MiB
    int agent = -1;    ///< socket of the virtio port
    int console = -1;  ///< socket of the serial console
    int qmp = -1;      ///< socket of the monitor
    int cable = -1;    ///< socket of Cable::frames, if there is a card
};

/** How QEMU comes to its first state. */
enum class Start {
    boot,     ///< from power-on, memory shared with the RAM file
    incoming  ///< waits for a frozen state, memory copy-on-write over the RAM file
};

/**
 * The whole command line. It names no file of the host: everything is inherited, so QEMU needs no
 * right to open anything. See qemu-system(1).
 */
std::vector<std::string> command_line(const MachineSpec &spec, const MachineFds &fds, Start start);

/**
 * The same command line as a reader would type it: with the files' names, and UNIX sockets in the
 * place of inherited descriptors.
 */
std::vector<std::string> readable_command_line(const MachineSpec &spec);

/** QEMU's version, with Debian's: "7.2.22 (Debian 1:7.2+dfsg-7)". @throws GraderFault when QEMU is
 * missing, with the way out. */
std::string qemu_version(const std::filesystem::path &qemu);

/** Full path of qemu-system-x86_64. @throws GraderFault when it is missing, with the way out. */
std::filesystem::path find_qemu();

}  // namespace klass::vm
