// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A submission to be looked into by hand: its modules, built as for a grading, and a guest.
 */
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "guest/process.h"
#include "judge/lab.h"
#include "judge/manifest.h"
#include "kernel/kbuild.h"
#include "kernel/symbols.h"
#include "util/temporary_folder.h"

namespace klass::judge {

/** The folder of the guest in which a submission's modules lie; it is also $HOME there. */
inline constexpr const char *guest_home = "/root";

/** Modules, and a clone of the very machine that grades them. */
class Workbench {
  public:
    /**
     * Makes kernel and snapshot if need be, and builds while QEMU starts.
     * @param wish     which machine
     * @param request  how to build; limits and debugging information
     * @throws as Lab and kernel::build_modules() do
     */
    Workbench(Lab &lab, const Manifest &manifest, const std::filesystem::path &submission,
              const MachineWish &wish, const kernel::BuildRequest &request = {});

    /** How the build went; only when it went well is there a guest. */
    [[nodiscard]] const kernel::KbuildResult &build() const { return build_; }
    [[nodiscard]] const std::vector<kernel::ModuleSymbols> &symbols() const { return symbols_; }
    [[nodiscard]] const kernel::Kernel &kernel() const { return kernel_; }
    /** A temporary folder that lives as long as the workbench. */
    [[nodiscard]] const std::filesystem::path &folder() const { return folder_.path(); }

    /** A running guest. @throws GraderFault when it does not answer */
    guest::Guest start();

  private:
    TemporaryFolder folder_{"bench"};
    const kernel::Kernel &kernel_;
    std::unique_ptr<vm::ClonePool> pool_;
    kernel::KbuildResult build_;
    std::vector<kernel::ModuleSymbols> symbols_;
};

/**
 * Puts modules and programs as files into guest_home, which is there, so that a shell finds them.
 * @throws GraderFault when the guest does not take them
 */
void lay_out(guest::Process &process, const kernel::KbuildResult &build);

/** The machine of a stage for a person: the stage's own, but its clock is the host's. */
MachineWish wish_for_hand(const Manifest &manifest, std::optional<kernel::Flavour> flavour);

}  // namespace klass::judge
