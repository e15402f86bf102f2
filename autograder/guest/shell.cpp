// SPDX-License-Identifier: Apache-2.0
#include "guest/shell.h"

#include <fcntl.h>
#include <fmt/format.h>

namespace klass::guest {

namespace {

constexpr const char *busybox = "/bin/busybox";
constexpr const char *console = "/dev/ttyS0";

// Process 1 is the agent, which listens to no signal: the machine is switched off without it.
constexpr const char *profile = R"(poweroff() { busybox poweroff -f; }
reboot() { busybox reboot -f; }
halt() { busybox poweroff -f; }
)";

/** What each shell reads first. */
std::string profile_in(const ShellSettings &settings) {
    return settings.home + "/.profile";
}

std::string quoted(const std::string &word) {
    std::string text = "'";
    for (const char byte : word)
        text += byte == '\'' ? std::string("'\\''") : std::string(1, byte);
    return text + "'";
}

/** Lines of a shell that set what every shell of ours has. */
std::string surroundings(const ShellSettings &settings) {
    return fmt::format(
        "export HOME={0} PATH=/bin:/sbin:/usr/bin:/usr/sbin PS1='klass# '\n"
        "{1}cd {0}\n",
        quoted(settings.home),
        settings.terminal.empty() ? std::string()
                                  : fmt::format("export TERM={}\n", quoted(settings.terminal)));
}

}  // namespace

void prepare_shell(Process &process, const ShellSettings &settings) {
    process.make_folder(settings.home);
    const std::string path = profile_in(settings);
    File file = process.as_file(process.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644), path);
    file.write(to_bytes(profile));
    file.close();
}

Pending start_console_shell(Process &process, const ShellSettings &settings) {
    // A session of its own, whose terminal the console is: so Ctrl-C is a signal there.
    return process.start_run({busybox, "sh", "-c",
                              surroundings(settings) + fmt::format("export ENV={}\n"
                                                                   "exec <{} >{} 2>&1\n"
                                                                   "stty sane\n"
                                                                   "exec setsid -c {} sh\n",
                                                                   quoted(profile_in(settings)),
                                                                   console, console, busybox)});
}

Pending start_shell_command(Process &process, const ShellSettings &settings,
                            const std::string &command) {
    return process.start_run({busybox, "sh", "-c",
                              surroundings(settings) +
                                  fmt::format(". {}\n", quoted(profile_in(settings))) + "eval " +
                                  quoted(command) + "\n"});
}

void set_console_size(Process &process, WindowSize size) {
    if (size.columns == 0 || size.rows == 0)
        return;
    process.run({busybox, "stty", "-F", console, "cols", std::to_string(size.columns), "rows",
                 std::to_string(size.rows)});
}

}  // namespace klass::guest
