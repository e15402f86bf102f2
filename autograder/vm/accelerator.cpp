// SPDX-License-Identifier: Apache-2.0
#include "vm/accelerator.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "util/digest.h"
#include "util/error.h"
#include "util/scoped_fd.h"

namespace klass::vm {

namespace {

namespace fs = std::filesystem;

fs::path answer_file(const fs::path &cache, const std::string &qemu_version) {
    utsname name{};
    uname(&name);
    Digest digest;
    digest.add(name.release).add(name.version).add(host_processor()).add(qemu_version);
    return cache / fmt::format("kvm-{}", digest.hex().substr(0, 16));
}

bool kvm_boots(const fs::path &file, const std::function<bool()> &boots) {
    if (fs::exists(file))
        return read_file(file) == "boots\n";
    const bool answer = boots();
    fs::create_directories(file.parent_path());
    write_file_atomically(file, answer ? "boots\n" : "does not boot\n");
    return answer;
}

}  // namespace

std::string host_processor() {
    std::ifstream cpuinfo("/proc/cpuinfo");
    for (std::string line; std::getline(cpuinfo, line);)
        if (line.starts_with("model name"))
            return line;
    return "unknown";
}

AcceleratorChoice choose_accelerator(AcceleratorWish wish, const fs::path &cache,
                                     const std::string &qemu_version,
                                     const std::function<bool()> &boots, const fs::path &device) {
    if (wish == AcceleratorWish::tcg)
        return {Accelerator::tcg, "software emulation, as asked for"};
    AcceleratorChoice choice;
    const ScopedFd opened(open(device.c_str(), O_RDWR | O_CLOEXEC));
    if (!opened.valid()) {
        choice.reason =
            fmt::format("software emulation: {}: {}", device.string(), std::strerror(errno));
    } else {
        const fs::path file = answer_file(cache, qemu_version);
        if (kvm_boots(file, boots))
            return {Accelerator::kvm, "hardware virtualisation: a kernel was booted under KVM"};
        choice.reason = fmt::format(
            "software emulation: {} opens, but a kernel did not boot under it (remembered in {}; "
            "remove the file to try again)",
            device.string(), file.string());
    }
    if (wish == AcceleratorWish::kvm)
        throw GraderFault("KVM was asked for, but does not work here: " + choice.reason,
                          "leave out --accel kvm");
    return choice;
}

}  // namespace klass::vm
