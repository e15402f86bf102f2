// SPDX-License-Identifier: Apache-2.0
// Stage 01: a kernel of one's own. What it must do: exercises/01-kernel-build/README.md.
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "judge/boot_trial.h"
#include "judge/modinfo.h"
#include "kernel/build_output.h"
#include "stages/all_stages.h"

namespace klass::stages {

namespace {

using namespace std::chrono_literals;
using judge::BootTrial;

constexpr const char *module_file = "/lib/modules/e1000.ko";

void fragment_stands(BootTrial &t) {
    const kernel::StudentKernel &built = t.built();
    const bool asks = built.fragment.find("\nCONFIG_") != std::string::npos ||
                      built.fragment.starts_with("CONFIG_");
    t.expect_that(asks || !built.strange.empty(), "kernel.config switches something on",
                  "it sets nothing");
    for (const kernel::StrangeLine &strange : built.strange)
        t.expect_that(false, fmt::format("line {} of kernel.config sets an option", strange.line),
                      fmt::format("it is \"{}\"", strange.text));
    for (const kernel::DroppedOption &dropped : built.dropped)
        t.expect_that(false,
                      fmt::format("{}={} (line {} of kernel.config) is in the final .config",
                                  dropped.name, dropped.requested, dropped.line),
                      fmt::format("it became {}: {}", dropped.became, dropped.reason));
}

/** What the fragment calls the kernel, without the quotes; empty when it does not say. */
std::string chosen_name(const kernel::StudentKernel &built) {
    const std::string value =
        kernel::setting_in(built.fragment, "CONFIG_LOCALVERSION").value_or("");
    return value.size() > 2 && value.starts_with('"') ? value.substr(1, value.size() - 2) : "";
}

void local_version(BootTrial &t) {
    const std::string name = chosen_name(t.built());
    t.expect_that(name.size() > 1 && name.starts_with('-'),
                  "kernel.config gives the kernel a name: CONFIG_LOCALVERSION=\"-...\"",
                  name.empty() ? "it gives none" : fmt::format("it gives \"{}\"", name));
    const std::string ending = name + t.suffix();
    const std::string of_image =
        kernel::release_of_image(kernel::read_output(t.built().image, std::uint64_t{1} << 20));
    t.expect_that(of_image.ends_with(ending), fmt::format("bzImage says that it is ...{}", ending),
                  fmt::format("it says \"{}\"", of_image));
    t.boot();
    const std::string version = t.run_well("cat /proc/version");
    t.expect_that(
        version.find(fmt::format("Linux version {} ", of_image)) == 0,
        fmt::format("/proc/version of the running kernel begins with \"Linux version {}\"",
                    of_image),
        fmt::format("it is \"{}\"", version));
}

void shell_answers(BootTrial &t) {
    t.boot();
    const std::string word = t.random().word(12);
    const std::string answer = t.run_well(fmt::format("echo {} | tr a-z A-Z", word));
    std::string upper = word;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    t.expect_that(answer == upper + "\n", fmt::format("the shell runs commands: {}", upper),
                  fmt::format("it says \"{}\"", answer));
}

/** A line of /proc/mounts of this type and place, by proc_pid_mounts(5). */
void expect_mount(BootTrial &t, const std::string &mounts, const std::string &type,
                  const std::string &place) {
    std::istringstream lines(mounts);
    std::string line;
    while (std::getline(lines, line)) {
        std::istringstream fields(line);
        std::string device;
        std::string at;
        std::string what;
        fields >> device >> at >> what;
        if (at == place && what == type)
            return;
    }
    t.expect_that(false, fmt::format("a file system of type {} is mounted on {}", type, place),
                  "/proc/mounts has none");
}

void mounts(BootTrial &t) {
    t.boot();
    const std::string mounts = t.run_well("cat /proc/mounts");
    expect_mount(t, mounts, "proc", "/proc");
    expect_mount(t, mounts, "sysfs", "/sys");
    expect_mount(t, mounts, "devtmpfs", "/dev");
}

void loopback(BootTrial &t) {
    t.boot();
    t.run_well("ping -c 1 -W 5 127.0.0.1");
}

/** The network interfaces that the kernel has, by proc_pid_net(5). */
std::set<std::string> interfaces(BootTrial &t) {
    std::set<std::string> names;
    std::istringstream lines(t.run_well("cat /proc/net/dev"));
    std::string line;
    while (std::getline(lines, line)) {
        const std::size_t colon = line.find(':');
        const std::size_t begin = line.find_first_not_of(' ');
        if (colon != std::string::npos && begin < colon)
            names.insert(line.substr(begin, colon - begin));
    }
    return names;
}

void expect_interfaces(BootTrial &t, const std::string &when, const std::set<std::string> &wanted) {
    const std::set<std::string> found = interfaces(t);
    t.expect_that(found == wanted,
                  fmt::format("{} the network interfaces are {}", when, fmt::join(wanted, ", ")),
                  fmt::format("they are {}", fmt::join(found, ", ")));
}

void no_card_before(BootTrial &t) {
    t.boot();
    expect_interfaces(t, "after the boot", {"lo"});
}

void expect_module(BootTrial &t) {
    t.expect_that(!t.built().modules.empty(), "the build makes the module e1000.ko",
                  "it makes none");
}

void module_loads(BootTrial &t) {
    expect_module(t);
    const std::string release =
        kernel::release_of_image(kernel::read_output(t.built().image, std::uint64_t{1} << 20));
    const std::string magic =
        judge::read_modinfo(t.built().modules.front().image).value("vermagic");
    t.expect_that(magic.starts_with(release + " "),
                  fmt::format("the module is made for the kernel {}", release),
                  fmt::format("it is made for \"{}\"", magic));
    t.boot();
    t.run_well(fmt::format("insmod {}", module_file));
    expect_interfaces(t, "with the module", {"eth0", "lo"});
    t.run_well("rmmod e1000");
    expect_interfaces(t, "without the module", {"lo"});
}

void eth0_works(BootTrial &t) {
    t.boot();
    t.run_well(fmt::format("netup {}/24", t.guest_address()));
    const std::uint64_t size = t.random().between(16, 1200);
    // The link comes up by and by: what is sent before is lost.
    bool answered = false;
    for (int attempt = 0; attempt < 10 && !answered; ++attempt)
        answered = t.run(fmt::format("ping -c 1 -W 2 -s {} {}", size, t.peer().address())).ok();
    const auto &requests = t.peer().traffic().requests;
    t.expect_that(
        std::any_of(requests.begin(), requests.end(),
                    [&](const wire::Echo &echo) {
                        return echo.from == t.guest_address() && echo.payload.size() == size;
                    }),
        fmt::format("a ping of {} bytes from {} comes over the cable", size, t.guest_address()),
        fmt::format("{} frames came, and no such ping", t.peer().traffic().frames));
    t.expect_that(answered, fmt::format("{} gets its answers", t.peer().address()),
                  "ping saw none");
    // Only a kernel that drives the card both ways sends back what it could not know.
    const Bytes payload = t.random().bytes(t.random().between(16, 1200));
    t.peer().ping(t.guest_address(), 1, payload);
    const auto &replies = t.peer().traffic().replies;
    t.expect_that(t.wait_until([&] { return !replies.empty(); }, 10s),
                  "the guest answers a ping of the host", "it does not");
    t.expect_that(replies.front().payload == payload && replies.front().from == t.guest_address(),
                  "the answer has the payload of the question", "it has another one");
}

void missing_command(BootTrial &t) {
    const std::string word = t.random().word(12);
    t.boot({{"etc/rc.local", fmt::format("#!/bin/sh\n{0}\necho {0} > /tmp/rc\nexit 3\n", word)}});
    const std::string left = t.run_well("cat /tmp/rc");
    t.expect_that(left == word + "\n", "rc.local ran to its end",
                  fmt::format("it left \"{}\"", left));
}

void shell_again(BootTrial &t) {
    t.boot();
    // Of a shell that ended well, and of one that did not.
    for (const std::uint64_t status : {std::uint64_t{0}, t.random().between(1, 9)}) {
        const std::string before = t.run_well("echo $$");
        t.type(fmt::format("exit {}", status));
        t.expect_shell();
        const std::string after = t.run_well("echo $$");
        t.expect_that(before != after, "after `exit` there is a new shell",
                      fmt::format("it is the same one, process {}", after));
    }
}

}  // namespace

judge::Stage kernel_build() {
    judge::Stage stage("01-kernel-build");
    stage.check("fragment-stands", fragment_stands)
        .check("local-version", local_version)
        .check("shell-answers", shell_answers)
        .check("mounts", mounts)
        .check("loopback", loopback)
        .check("no-card-before", no_card_before)
        .check("module-loads", module_loads)
        .check("eth0-works", eth0_works)
        .check("missing-command", missing_command)
        .check("shell-again", shell_again);
    return stage;
}

}  // namespace klass::stages
