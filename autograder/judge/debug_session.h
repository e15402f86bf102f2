// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief What a guest does while a debugger holds it: modules loaded, commands run, on request.
 */
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guest/process.h"
#include "kernel/kbuild.h"

namespace klass::judge {

/** What a debugger's user wants the guest to do: a line of kmod/gdb/klass.py. */
struct DebugRequest {
    enum class Verb { load, unload, run };
    Verb verb = Verb::run;
    std::string name;       ///< of the module; empty for run
    std::string arguments;  ///< a module's parameters, or the command

    /** "load chardev size=7", "unload chardev", "run cat /dev/cicv". Nothing for any other line. */
    static std::optional<DebugRequest> parse(std::string_view line);
};

/**
 * Carries out requests in a guest that stands still whenever the debugger wants. Nothing here
 * waits for the guest: each request has a process of its own, and what comes of it is told later.
 */
class DebugSession {
  public:
    using Tell = std::function<void(const std::string &line)>;

    /**
     * Makes the processes, so the guest must still run.
     * @param modules  may be loaded; they outlive the session
     * @param tell     what came of a request, and why one cannot be carried out
     */
    DebugSession(guest::Guest &guest, const std::vector<kernel::BuiltModule> &modules, Tell tell);

    void ask(const DebugRequest &request);
    /** The modules in their order, each once the one before is loaded. */
    void load_all();

    /**
     * Serves until the machine has ended.
     * @param channel  lines of requests come here; -1 for none
     */
    void serve(int channel);

  private:
    struct Running {
        std::size_t process;
        guest::Pending call;
        DebugRequest request;
    };

    std::optional<std::size_t> idle_process() const;
    guest::Pending begin(guest::Process &process, const DebugRequest &request,
                         const kernel::BuiltModule *module);
    bool read_requests(int channel);
    void settle_returned();
    void load_next();

    guest::Guest &guest_;
    const std::vector<kernel::BuiltModule> &modules_;
    Tell tell_;
    std::vector<guest::Process> processes_;
    std::vector<Running> running_;
    std::deque<std::string> to_load_;
    std::string unread_;
};

}  // namespace klass::judge
