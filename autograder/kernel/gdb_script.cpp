// SPDX-License-Identifier: Apache-2.0
#include "kernel/gdb_script.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "kernel/recipe.h"

namespace klass::kernel {

namespace {

/** A text as Python and gdb both quote it. */
std::string quoted(const std::string &text) {
    return nlohmann::json(text).dump();
}

std::string python_map(const std::vector<BuiltModule> &modules) {
    std::string text = "{";
    for (const BuiltModule &module : modules)
        text += quoted(module.name) + ": " + quoted(module.path.string()) + ", ";
    return text + "}";
}

}  // namespace

std::string gdb_script(const GdbSession &session) {
    std::string text = fmt::format(
        "set confirm off\n"
        "set pagination off\n"
        "set debuginfod enabled off\n"
        "set breakpoint pending on\n"
        "set filename-display basename\n"
        "set index-cache directory {index}\n"
        "set index-cache enabled on\n"
        // Where the files lay in the sandbox in which they were compiled.
        "set substitute-path {root} {sources}\n"
        "set substitute-path {linux_inside} {linux}\n"
        "set substitute-path {build_inside} {build}\n"
        "python\n"
        // Whole types first: gdb takes what it finds first, and vmlinux names most without telling.
        "gdb.execute('add-symbol-file ' + {types}, to_string=True)\n"
        "gdb.execute('file ' + {vmlinux}, to_string=True)\n"
        "import sys\n"
        "sys.path.insert(0, {scripts})\n"
        "import linux.utils, linux.lists, linux.modules, linux.dmesg, linux.tasks, linux.cpus\n"
        "import linux.proc, linux.vfs, linux.device, linux.rbtree\n"
        "sys.path.insert(0, {klass})\n"
        "import klass\n"
        "gdb.execute('set index-cache enabled off')\n"
        "gdb.execute('set suppress-cli-notifications on')\n"
        "gdb.execute('target remote ' + {socket}, to_string=True)\n"
        "gdb.execute('set suppress-cli-notifications off')\n"
        "klass.begin({modules})\n"
        "end\n",
        fmt::arg("index", session.kit.index.string()), fmt::arg("root", submission_root),
        fmt::arg("sources", session.sources.string()),
        fmt::arg("linux_inside", inside::linux_source),
        fmt::arg("linux", session.kernel.source.string()), fmt::arg("build_inside", inside::build),
        fmt::arg("build", session.kernel.build.string()),
        fmt::arg("vmlinux", quoted(session.kernel.vmlinux.string())),
        fmt::arg("types", quoted(session.kit.types.string())),
        fmt::arg("scripts", quoted(session.kit.scripts.string())),
        fmt::arg("klass", quoted(session.kit.klass.parent_path().string())),
        fmt::arg("socket", quoted(session.socket.string())),
        fmt::arg("modules", python_map(session.modules)));
    if (session.stop_in_init)
        text += "python klass.stop_in_init()\n";
    if (session.for_a_person)
        text += "set confirm on\nset pagination on\n";
    return text;
}

}  // namespace klass::kernel
