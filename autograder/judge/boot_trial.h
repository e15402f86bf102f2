// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What a check of a student's kernel is written with: a boot of its own, the shell on its
 * console, and the other end of its network cable.
 *
 *     t.boot();
 *     t.expect_that(t.run("cat /proc/version").find(release) != std::string::npos, ...);
 *
 * The first expectation that is not met ends the check.
 */
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "guest/initramfs.h"
#include "guest/typed_command.h"
#include "judge/random.h"
#include "judge/trial.h"
#include "kernel/student_kernel.h"
#include "vm/machine.h"
#include "wire/peer.h"

namespace klass::judge {

/** One check's run of a kernel that the student built. */
class BootTrial {
  public:
    /** Starts a machine with the student's kernel, and these files in its initramfs. */
    using Starter = std::function<vm::Machine(const std::vector<guest::InitramfsFile> &more)>;

    /**
     * @param built     what the build came to; outlives the trial
     * @param suffix    what the host appended to the kernel's name
     * @param limit     the check's time, as its machines have it (vm::PatienceClock)
     */
    BootTrial(const kernel::StudentKernel &built, std::string suffix, Starter start, Random random,
              std::chrono::nanoseconds limit);

    /** What the student's fragment came to. */
    [[nodiscard]] const kernel::StudentKernel &built() const { return built_; }
    [[nodiscard]] const std::string &suffix() const { return suffix_; }
    Random &random() { return random_; }

    // --- the machine

    /**
     * Boots the kernel; the check fails if no shell answers on the console.
     * @param more  files of the initramfs that this boot has besides the student's
     */
    void boot(const std::vector<guest::InitramfsFile> &more = {});
    /** Types a command; the check fails if no answer comes. */
    guest::ShellAnswer run(const std::string &command);
    /** The same; the check fails if the command's status is not 0. @return its output */
    std::string run_well(const std::string &command);
    /** Types a line and waits for nothing. */
    void type(const std::string &line);
    /** The check fails if no shell answers. */
    void expect_shell();

    /** The other end of the network cable, whose address the seed chose: 10.x.y.1. */
    wire::Peer &peer() { return *peer_; }
    /** An address in the peer's network /24, for the guest; the same in the whole trial. */
    [[nodiscard]] const std::string &guest_address() const { return guest_address_; }
    /** Serves the cable until @p holds, or @p patience is over. @return whether it holds */
    bool wait_until(const std::function<bool()> &holds, std::chrono::milliseconds patience);

    // --- the rest

    /** @p holds, or the check fails with the two texts. */
    void expect_that(bool holds, const std::string &expected, const std::string &actual);
    [[nodiscard]] const std::vector<std::string> &did() const { return did_; }
    /** Told of each line of did() as it is added. */
    std::function<void(const std::string &)> on_note;
    /** Nothing before boot(). */
    std::optional<vm::Machine> &machine() { return machine_; }

  private:
    std::optional<guest::ShellAnswer> ask(const guest::TypedCommand &command,
                                          std::chrono::milliseconds patience);
    void wait(vm::PatienceClock::time_point until);
    /** The end of a wait that begins now: that of the check's time, if it comes before. */
    vm::PatienceClock::time_point deadline_in(std::chrono::milliseconds patience);
    void note(const std::string &line);

    const kernel::StudentKernel &built_;
    std::string suffix_;
    Starter start_;
    Random random_;
    std::chrono::nanoseconds left_;  ///< of the check's time, when the machine was started
    vm::PatienceClock::time_point deadline_;
    std::string guest_address_;
    std::string host_address_;
    std::optional<vm::Machine> machine_;
    std::optional<wire::Peer> peer_;
    std::vector<std::string> did_;
};

}  // namespace klass::judge
