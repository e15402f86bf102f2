// SPDX-License-Identifier: Apache-2.0
#include "kernel/sandbox.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <optional>
#include <set>
#include <utility>

#include "kernel/text.h"
#include "util/error.h"
#include "util/progress.h"

namespace klass::kernel {

namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

/**
 * Printed inside, before the program starts: what comes without it is bubblewrap's own complaint,
 * and no submission can pass a failure of its build off as one of ours.
 */
constexpr std::string_view ready_mark = "klass: the sandbox is ready\n";

void append(Arguments &arguments, const Arguments &more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
}

/** What this machine lets bubblewrap do; see strategies(). */
struct Strategy {
    bool user_namespace = false;  ///< else the mounts are made as root, then root is given up
    bool no_nested_namespaces = false;
    bool proc = false;
};

/** From the strongest to the weakest that is still safe. */
std::vector<Strategy> strategies() {
    std::vector<Strategy> all;
    if (geteuid() == 0)
        all = {{.proc = true}, {.proc = false}};
    for (const bool proc : {true, false})
        for (const bool no_nested : {true, false})
            all.push_back(
                {.user_namespace = true, .no_nested_namespaces = no_nested, .proc = proc});
    return all;
}

/** bwrap(1) up to, but without, the mounts of a run. */
Arguments bubblewrap(const Strategy &strategy, RunAs run_as, std::uint64_t scratch_bytes) {
    Arguments arguments = {"bwrap",         "--die-with-parent", "--unshare-ipc", "--unshare-pid",
                           "--unshare-net", "--unshare-uts",     "--clearenv",    "--setenv",
                           "PATH",          "/usr/bin:/bin",     "--cap-drop",    "ALL"};
    const bool nobody = run_as == RunAs::nobody;
    if (strategy.user_namespace)
        append(arguments, {"--unshare-user"});
    if (strategy.user_namespace && nobody)
        append(arguments, {"--uid", "65534", "--gid", "65534"});
    if (!strategy.user_namespace && nobody)
        append(arguments,
               {"--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"});
    // Root may use a cache that lies in another user's home.
    if (!strategy.user_namespace && !nobody)
        append(arguments, {"--cap-add", "CAP_DAC_OVERRIDE"});
    if (strategy.no_nested_namespaces)
        append(arguments, {"--disable-userns"});
    append(arguments, {"--ro-bind",
                       "/usr",
                       "/usr",
                       "--symlink",
                       "usr/bin",
                       "/bin",
                       "--symlink",
                       "usr/lib",
                       "/lib",
                       "--symlink",
                       "usr/lib64",
                       "/lib64",
                       "--symlink",
                       "usr/sbin",
                       "/sbin",
                       "--dir",
                       "/etc",
                       "--ro-bind-try",
                       "/etc/alternatives",
                       "/etc/alternatives",
                       "--ro-bind-try",
                       "/etc/ld.so.cache",
                       "/etc/ld.so.cache",
                       "--dev",
                       "/dev",
                       "--remount-ro",
                       "/dev"});
    if (strategy.proc)
        append(arguments, {"--proc", "/proc"});
    if (scratch_bytes != 0)
        append(arguments, {"--size", std::to_string(scratch_bytes)});
    append(arguments, {"--perms", "1777", "--tmpfs", "/tmp"});
    return arguments;
}

/**
 * A user id for one run: above those of any account and of the usual ranges of containers, and
 * different for every run at one time on this machine (process numbers are below 2^22).
 */
uid_t fresh_uid() {
    static std::atomic<unsigned> counter{0};
    constexpr uid_t base = 0x40000000;
    return base + (static_cast<uid_t>(getpid()) << 8U) + (counter++ & 0xFFU);
}

/** setpriv(1): gives up root for good. */
Arguments give_up_root(uid_t user) {
    const std::string id = std::to_string(user);
    return {"setpriv",        "--reuid=" + id,       "--regid=" + id,   "--clear-groups",
            "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"};
}

/** Finds the strongest strategy that works here. @throws GraderFault when none does. */
Strategy probe() {
    if (find_program("bwrap").empty())
        throw GraderFault("bubblewrap is not installed: builds have no sandbox",
                          "apt-get install bubblewrap");
    std::string complaint;
    for (const Strategy &strategy : strategies()) {
        Command command;
        command.argv = bubblewrap(strategy, RunAs::nobody, 0);
        append(command.argv, {"--remount-ro", "/"});
        if (!strategy.user_namespace)
            append(command.argv, give_up_root(fresh_uid()));
        command.argv.emplace_back("true");
        command.timeout = std::chrono::seconds{20};
        const Outcome outcome = run(command);
        if (outcome.ok())
            return strategy;
        if (complaint.empty() || strategy.user_namespace)
            complaint = outcome.output.substr(0, outcome.output.find('\n'));
    }
    throw GraderFault("bubblewrap cannot make the build's sandbox: " + safe_text(complaint),
                      "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, and on "
                      "Ubuntu kernel.apparmor_restrict_unprivileged_userns=0); in a container, run "
                      "it with --security-opt seccomp=docker/seccomp.json");
}

const Strategy &strategy_here() {
    static const Strategy strategy = probe();
    return strategy;
}

/** A limit for prlimit(1), at most what we ourselves may use: raising it is for root alone. */
void add_limit(Arguments &arguments, const std::string &name, __rlimit_resource resource,
               std::uint64_t value) {
    rlimit ours{};
    getrlimit(resource, &ours);
    if (value != 0)
        arguments.push_back("--" + name + "=" +
                            std::to_string(std::min<std::uint64_t>(value, ours.rlim_max)));
}

/** prlimit(1), to be run inside: RLIMIT_NPROC counts per user namespace. */
Arguments limiter(const SandboxLimits &limits) {
    Arguments arguments = {"prlimit", "--core=0"};
    add_limit(arguments, "as", RLIMIT_AS, limits.memory_bytes_per_process);
    add_limit(arguments, "fsize", RLIMIT_FSIZE, limits.file_bytes);
    add_limit(arguments, "nproc", RLIMIT_NPROC, limits.processes);
    return arguments;
}

/** bubblewrap makes missing parents for its own user alone: so each is named, with 0755. */
Arguments parents_of(const SandboxedCommand &command) {
    std::set<fs::path> folders;
    const auto add = [&](const fs::path &path) {
        for (fs::path at = path.parent_path(); at != at.root_path(); at = at.parent_path())
            folders.insert(at);
    };
    for (const Mount &mount : command.mounts)
        add(mount.inside);
    for (const std::string &folder : command.scratch)
        add(folder);
    Arguments arguments;
    for (const fs::path &folder : folders)
        append(arguments, {"--dir", folder.string()});
    return arguments;
}

/** Gives a run's writable files to its user, and back to us afterwards. */
class Ownership {
  public:
    Ownership(const std::vector<Mount> &mounts, uid_t user) {
        for (const Mount &mount : mounts) {
            if (!mount.writable)
                continue;
            give(mount.host, user);
            given_.push_back(mount.host);
        }
    }
    Ownership(const Ownership &) = delete;
    Ownership &operator=(const Ownership &) = delete;
    ~Ownership() {
        for (const fs::path &path : given_)
            [[maybe_unused]] const int ignored = lchown(path.c_str(), geteuid(), getegid());
    }

  private:
    static void give(const fs::path &path, uid_t user) {
        if (lchown(path.c_str(), user, user) != 0)
            throw GraderFault(
                "cannot give " + path.string() + " to the sandbox's user: " + errno_text(errno),
                "put TMPDIR on a local file system");
    }

    std::vector<fs::path> given_;
};

Arguments arguments_for(const SandboxedCommand &command, const Strategy &strategy,
                        std::optional<uid_t> user) {
    Arguments arguments;
    // Should memory run out, the kernel is to take the submission's processes and not ours.
    if (command.run_as == RunAs::nobody)
        arguments = {"choom", "-n", "1000", "--"};
    append(arguments, bubblewrap(strategy, command.run_as, command.limits.scratch_bytes));
    for (const auto &[name, value] : command.environment)
        append(arguments, {"--setenv", name, value});
    append(arguments, parents_of(command));
    for (const std::string &folder : command.scratch) {
        if (command.limits.scratch_bytes != 0)
            append(arguments, {"--size", std::to_string(command.limits.scratch_bytes)});
        append(arguments, {"--perms", "0777", "--tmpfs", folder});
    }
    for (const Mount &mount : command.mounts)
        append(arguments,
               {mount.writable ? "--bind" : "--ro-bind", mount.host.string(), mount.inside});
    append(arguments, {"--remount-ro", "/", "--chdir", command.folder});
    append(arguments, limiter(command.limits));
    if (user)
        append(arguments, give_up_root(*user));
    append(arguments,
           {"sh", "-c", "umask 022; echo 'klass: the sandbox is ready'; exec \"$@\"", "sh"});
    append(arguments, command.argv);
    return arguments;
}

struct TooMuchOutput {};

/** Follows the output of a run: hides the mark from the listener and stops a flood. */
class OutputWatch {
  public:
    explicit OutputWatch(const SandboxedCommand &command) : command_(command) {}

    void operator()(std::string_view line) {
        output_.append(line).push_back('\n');
        if (output_.size() > ready_mark.size() + command_.limits.output_bytes)
            throw TooMuchOutput();
        if (command_.on_line && output_.size() > ready_mark.size())
            command_.on_line(line);
    }
    [[nodiscard]] std::string output() && { return std::move(output_); }

  private:
    const SandboxedCommand &command_;
    std::string output_;
};

Outcome run_watched(const SandboxedCommand &sandboxed, Command command) {
    OutputWatch watch(sandboxed);
    command.on_line = [&](std::string_view line) { watch(line); };
    const auto start = std::chrono::steady_clock::now();
    try {
        return run(command);
    } catch (const TooMuchOutput &) {
        Outcome outcome;
        outcome.signal = SIGKILL;
        outcome.output_truncated = true;
        outcome.output = std::move(watch).output();
        outcome.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - start);
        return outcome;
    }
}

}  // namespace

Outcome run_in_sandbox(const SandboxedCommand &sandboxed) {
    for (const Mount &mount : sandboxed.mounts) {
        std::error_code ignored;
        if (!fs::exists(mount.host, ignored))
            throw GraderFault("the sandbox is to show " + mount.host.string() +
                              ", which is not there");
    }
    const Strategy &strategy = strategy_here();
    std::optional<uid_t> user;
    if (sandboxed.run_as == RunAs::nobody && !strategy.user_namespace)
        user = fresh_uid();

    const std::optional<Ownership> ownership =
        user ? std::optional<Ownership>(std::in_place, sandboxed.mounts, *user) : std::nullopt;
    Command command;
    command.argv = arguments_for(sandboxed, strategy, user);
    command.own_timeout = sandboxed.limits.time;
    command.timeout = sandboxed.limits.longest_wait;
    command.output_limit = ready_mark.size() + sandboxed.limits.output_bytes;
    Outcome outcome = run_watched(sandboxed, std::move(command));
    if (outcome.starved)
        throw GraderFault(
            fmt::format(
                "the machine was too busy: after {} the build had not had the {} that it may take",
                duration_text(sandboxed.limits.longest_wait), duration_text(sandboxed.limits.time)),
            "grade fewer submissions at once (--jobs), or end what else runs here");

    if (outcome.output.starts_with(ready_mark))
        outcome.output.erase(0, ready_mark.size());
    else if (!outcome.timed_out)
        throw GraderFault("the build's sandbox did not start: " +
                          safe_text(outcome.output.substr(0, 500)));
    return outcome;
}

}  // namespace klass::kernel
