// SPDX-License-Identifier: Apache-2.0
#include "vm/machine_spec.h"

#include <fmt/format.h>

#include "util/error.h"
#include "util/subprocess.h"
#include "vm/own_network.h"

namespace klass::vm {

namespace {

/** Where the command line finds what it must name: inherited descriptors, or files. */
struct Names {
    std::string kernel;
    std::string initrd;
    std::string ram;
    std::string agent;
    std::string console;
    std::string qmp;
    std::string cable;
};

std::string inherited(int fd) {
    return fmt::format("/proc/self/fd/{}", fd);
}

/** @param frames  QEMU's words for the socket of Cable::frames */
std::string cable_of(const MachineSpec &spec, const std::string &frames) {
    return spec.cable == Cable::frames
               ? "dgram,id=cable," + frames
               : fmt::format("user,id=cable,net=10.0.2.0/24,host={}", OwnNetwork::host_address);
}

std::vector<std::string> arguments(const MachineSpec &spec, const Names &names, Start start) {
    const bool kvm = spec.accelerator == Accelerator::kvm;
    std::vector<std::string> argv{
        spec.qemu.string(),
        "-nodefaults",
        "-no-user-config",
        "-no-reboot",
        // A panicking kernel tells QEMU before it has printed why: let it finish.
        "-action",
        "panic=none",
        "-display",
        "none",
        "-machine",
        fmt::format("q35,accel={},memory-backend=ram,vmport=off,hpet=off,i8042=off,graphics=off,"
                    "usb=off",
                    to_string(spec.accelerator)),
        "-cpu",
        kvm ? "host" : "qemu64,+smap,+smep,+fsgsbase,+rdrand",
        "-m",
        std::to_string(spec.memory_mib),
        "-smp",
        std::to_string(spec.cpus),
        "-object",
        fmt::format("memory-backend-file,id=ram,size={}M,mem-path={},share={}", spec.memory_mib,
                    names.ram, start == Start::boot ? "on" : "off"),
        // qboot goes straight to the kernel; it needs no option ROM and no menu.
        "-bios",
        "qboot.rom",
        "-kernel",
        names.kernel,
        "-initrd",
        names.initrd,
        "-append",
        spec.append,
        "-chardev",
        names.agent,
        "-device",
        "virtio-serial-pci,max_ports=2",
        "-device",
        "virtserialport,nr=1,chardev=agent,name=org.klass.agent",
        "-chardev",
        names.console,
        "-serial",
        "chardev:console",
        "-chardev",
        names.qmp,
        "-mon",
        "chardev=qmp,mode=control",
        "-device",
        "virtio-rng-pci",
        "-device",
        "pvpanic-pci",
        "-sandbox",
        "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
    };
    if (spec.icount_shift)
        // Time in which a guest has nothing to do is skipped, unless it waits for us.
        argv.insert(argv.end(),
                    {"-icount", fmt::format("shift={},sleep={}", *spec.icount_shift,
                                            spec.cable == Cable::own_network ? "on" : "off")});
    argv.insert(argv.end(), spec.devices.begin(), spec.devices.end());
    if (!spec.network_card.empty())
        argv.insert(argv.end(), {"-netdev", names.cable, "-device",
                                 // Nobody boots from the network: no option ROM.
                                 fmt::format("{},netdev=cable,romfile=", spec.network_card)});
    if (start == Start::incoming)
        argv.insert(argv.end(), {"-incoming", "defer"});
    return argv;
}

}  // namespace

const char *to_string(Accelerator accelerator) {
    return accelerator == Accelerator::kvm ? "kvm" : "tcg";
}

std::vector<std::string> command_line(const MachineSpec &spec, const MachineFds &fds, Start start) {
    return arguments(
        spec,
        {.kernel = inherited(fds.kernel),
         .initrd = inherited(fds.initrd),
         .ram = inherited(fds.ram),
         .agent = fmt::format("socket,id=agent,fd={}", fds.agent),
         .console = fmt::format("socket,id=console,fd={}", fds.console),
         .qmp = fmt::format("socket,id=qmp,fd={}", fds.qmp),
         .cable = cable_of(spec, fmt::format("local.type=fd,local.str={}", fds.cable))},
        start);
}

std::vector<std::string> readable_command_line(const MachineSpec &spec) {
    return arguments(spec,
                     {.kernel = spec.kernel.string(),
                      .initrd = spec.initrd.string(),
                      .ram = "ram",
                      .agent = "socket,id=agent,path=agent.sock,server=on,wait=off",
                      .console = "socket,id=console,path=console.sock,server=on,wait=off",
                      .qmp = "socket,id=qmp,path=qmp.sock,server=on,wait=off",
                      .cable = cable_of(spec,
                                        "local.type=unix,local.path=cable.sock,"
                                        "remote.type=unix,remote.path=host.sock")},
                     Start::boot);
}

std::string qemu_version(const std::filesystem::path &qemu) {
    const Outcome outcome = run({.argv = {qemu.string(), "--version"}});
    if (!outcome.ok())
        throw GraderFault(fmt::format("{} --version failed", qemu.string()),
                          "reinstall it: apt-get install --reinstall qemu-system-x86");
    // "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)"
    constexpr std::string_view prefix = "QEMU emulator version ";
    const std::string line = outcome.output.substr(0, outcome.output.find('\n'));
    return line.starts_with(prefix) ? line.substr(prefix.size()) : line;
}

std::filesystem::path find_qemu() {
    const std::string path = find_program("qemu-system-x86_64");
    if (path.empty())
        throw GraderFault("qemu-system-x86_64 is not installed",
                          "install it: apt-get install qemu-system-x86");
    return path;
}

}  // namespace klass::vm
