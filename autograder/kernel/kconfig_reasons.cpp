// SPDX-License-Identifier: Apache-2.0
#include "kernel/kconfig_reasons.h"

#include <algorithm>
#include <map>

#include "kernel/recipe.h"
#include "kernel/sandbox.h"
#include "kernel/text.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/lines.h"

namespace klass::kernel {

namespace {

namespace fs = std::filesystem;

constexpr const char *script = R"(set -e
cp -R --preserve=timestamps /klass/base/scripts /klass/build/scripts
cp /klass/question/config /klass/build/.config
cd /klass/build/scripts/kconfig
gcc -O1 -I /klass/linux/scripts/kconfig -I /klass/linux/scripts/include -o /tmp/explain \
    /klass/kconfig/explain.c confdata.o expr.o lexer.lex.o menu.o parser.tab.o preprocess.o \
    symbol.o util.o
make -s -C /klass/linux O=/klass/build "CC=ccache gcc" "HOSTCC=ccache gcc" explainconfig
)";

/** `klass: CONFIG_NAME: REASON` for each option that was asked about. */
std::map<std::string, std::string> reasons_in(std::string_view output) {
    constexpr std::string_view mark = "klass: ";
    std::map<std::string, std::string> reasons;
    for_each_line(output, [&](std::string_view line) {
        const std::size_t colon = line.find(": ", mark.size());
        if (line.starts_with(mark) && colon != std::string_view::npos)
            reasons.emplace(line.substr(mark.size(), colon - mark.size()),
                            safe_text(line.substr(colon + 2)));
    });
    return reasons;
}

}  // namespace

void explain_dropped(std::vector<DroppedOption> &dropped, const Kernel &base, const fs::path &tool,
                     const std::string &config, const fs::path &folder) {
    std::string requested;
    const std::size_t count = std::min(dropped.size(), most_explained);
    for (std::size_t i = 0; i < count; ++i)
        requested += dropped[i].name + "=" + dropped[i].requested + "\n";
    write_file_atomically(folder / "requested", requested);
    write_file_atomically(folder / "config", config);
    // Inside, another user reads them.
    fs::permissions(folder, fs::perms(0755));
    for (const char *name : {"requested", "config"})
        fs::permissions(folder / name, fs::perms(0644));

    SandboxedCommand command;
    command.argv = {"sh", "-c", script};
    command.mounts = {{base.source, inside::linux_source},
                      {base.build, inside::base},
                      {tool, "/klass/kconfig"},
                      {folder, "/klass/question"}};
    command.scratch = {inside::build};
    command.environment = kernel_environment();
    command.environment["CCACHE_DISABLE"] = "1";
    command.environment["MAKEFILES"] = "/klass/kconfig/explain.mk";
    command.environment["KLASS_EXPLAIN"] = "/tmp/explain";
    command.environment["KLASS_REQUESTED"] = "/klass/question/requested";
    const Outcome outcome = run_in_sandbox(command);
    if (!outcome.ok())
        throw GraderFault("Kconfig could not be asked why it dropped an option:\n" +
                          safe_text(outcome.output.substr(0, 2000)));
    const auto reasons = reasons_in(outcome.output);
    for (std::size_t i = 0; i < count; ++i)
        if (const auto reason = reasons.find(dropped[i].name); reason != reasons.end())
            dropped[i].reason = reason->second;
}

}  // namespace klass::kernel
