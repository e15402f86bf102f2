// SPDX-License-Identifier: Apache-2.0
#include "kernel/lint.h"

#include <algorithm>
#include <sstream>
#include <tuple>

#include "kernel/kbuild.h"
#include "kernel/recipe.h"
#include "kernel/sandbox.h"
#include "kernel/text.h"
#include "util/digest.h"
#include "util/error.h"

namespace klass::kernel {

namespace {

namespace fs = std::filesystem;

/** C files of the submission, its headers too where they are wanted. */
std::vector<std::string> c_files(const Submission &submission, bool headers) {
    std::vector<std::string> files;
    for (const fs::path &file : submission.files)
        if (file.extension() == ".c" || (headers && file.extension() == ".h"))
            files.push_back(file.string());
    return files;
}

/** A reader of the submission's copy; it builds nothing. */
SandboxedCommand reader(const fs::path &source, std::vector<std::string> argv,
                        const std::vector<std::string> &files) {
    SandboxedCommand command;
    command.argv = std::move(argv);
    command.argv.insert(command.argv.end(), files.begin(), files.end());
    command.mounts = {{source, submission_root}};
    command.folder = submission_root;
    command.environment = {{"LC_ALL", "C"}, {"HOME", "/tmp"}};
    return command;
}

std::vector<Diagnostic> checkpatch(const Kernel &kernel, const fs::path &source,
                                   const std::vector<std::string> &files) {
    SandboxedCommand command =
        reader(source,
               {"perl", std::string(inside::linux_source) + "/scripts/checkpatch.pl", "--no-tree",
                "--strict", "--terse", "--show-types", "--no-summary", "-f"},
               files);
    command.mounts.push_back({kernel.source, inside::linux_source});
    return parse_checkpatch(run_in_sandbox(command).output);
}

std::vector<Diagnostic> cppcheck(const fs::path &source, const std::vector<std::string> &files) {
    const std::string root = submission_root;
    // Its template is what a compiler prints, so that one parser reads both. It knows neither the
    // kernel's headers nor what their macros mean, and takes mmap()'s -1 for a mistake.
    const SandboxedCommand command = reader(
        source,
        {"cppcheck", "--quiet", "--enable=warning,performance,portability", "--language=c",
         "--std=c11", "--platform=unix64", "--library=posix", "--suppress=invalidFunctionArg",
         "--suppress=unknownMacro", "--suppress=missingInclude",
         "--template=" + root + "/{file}:{line}:{column}: warning: {message} [-W{id}]",
         "-D__KERNEL__", "-Dmodule_init(x)=", "-Dmodule_exit(x)=", "-DMODULE_LICENSE(x)=",
         "-DMODULE_DESCRIPTION(x)=", "-DMODULE_AUTHOR(x)=", "-DEXPORT_SYMBOL(x)=",
         "-DEXPORT_SYMBOL_GPL(x)="},
        files);
    std::vector<Diagnostic> found =
        parse_build_output(run_in_sandbox(command).output, submission_root);
    for (Diagnostic &diagnostic : found) {
        diagnostic.tool = "cppcheck";
        diagnostic.option.erase(0, diagnostic.option.starts_with("-W") ? 2 : 0);
    }
    return found;
}

/** Who said it: sparse prints like gcc, but names no option. */
void attribute(Diagnostic &diagnostic) {
    if (diagnostic.tool != "gcc")
        return;
    if (diagnostic.option.starts_with("-Wanalyzer-"))
        diagnostic.tool = "gcc -fanalyzer";
    else if (diagnostic.option.empty())
        diagnostic.tool = "sparse";
}

KbuildResult build(const Kernel &kernel, const Submission &submission, const fs::path &folder,
                   const std::vector<std::string> &wanted, bool with_sparse) {
    BuildRequest request;
    request.variables["KCFLAGS"] = "-fanalyzer -fdiagnostics-path-format=none";
    if (with_sparse)
        request.variables["KBUILD_CHECKSRC"] = "2";
    fs::create_directory(folder);
    return build_modules(kernel, submission, folder, wanted, request);
}

/** Removes what is nobody's advice. */
void keep_advice(std::vector<Diagnostic> &found, const Submission &submission) {
    std::erase_if(found, [&](const Diagnostic &diagnostic) {
        const bool ours =
            std::any_of(submission.files.begin(), submission.files.end(),
                        [&](const fs::path &file) { return file.string() == diagnostic.file; });
        const bool is_note = diagnostic.severity == "note" && diagnostic.tool != "checkpatch";
        return !ours || is_note;
    });
}

/** With blanks for tabs, as a compiler quotes a line. */
std::string without_tabs(const std::string &line) {
    constexpr std::size_t stop = 8;
    std::string text;
    for (const char byte : line)
        if (byte == '\t')
            text.append(stop - text.size() % stop, ' ');
        else
            text.push_back(byte);
    return text;
}

void add_text(Diagnostic &diagnostic, const fs::path &source) {
    std::istringstream lines(read_file(source / diagnostic.file));
    std::string line;
    for (int number = 0; number < diagnostic.line; ++number)
        if (!std::getline(lines, line))
            return;
    diagnostic.text = safe_text(without_tabs(line));
    // cppcheck counts bytes, the others columns.
    if (diagnostic.tool == "cppcheck" && diagnostic.column > 0)
        diagnostic.column = static_cast<int>(
            without_tabs(line.substr(0, static_cast<std::size_t>(diagnostic.column) - 1)).size() +
            1);
}

bool say_the_same(const Diagnostic &a, const Diagnostic &b) {
    return std::tie(a.file, a.line, a.column, a.message) ==
           std::tie(b.file, b.line, b.column, b.message);
}

}  // namespace

LintResult lint(const Kernel &kernel, const Submission &submission, const fs::path &folder,
                const std::vector<std::string> &wanted) {
    LintResult result;
    const auto has = [&](const char *program) {
        if (find_program(program).empty())
            result.missing.emplace_back(program);
        else
            return true;
        return false;
    };
    const fs::path source = folder / "read";
    fs::create_directory(source);
    fs::permissions(source, fs::perms(0755));
    submission.copy_to(source);

    std::vector<Diagnostic> found;
    const auto add = [&](std::vector<Diagnostic> more) {
        found.insert(found.end(), more.begin(), more.end());
    };
    const std::vector<std::string> sources = c_files(submission, false);
    if (!wanted.empty()) {
        KbuildResult built = build(kernel, submission, folder / "checked", wanted, has("sparse"));
        for (Diagnostic &diagnostic : built.diagnostics)
            if (built.ok)
                attribute(diagnostic);
        add(std::move(built.diagnostics));
        result.build_error = built.error;
    }
    if (!sources.empty() && has("perl"))
        add(checkpatch(kernel, source, c_files(submission, true)));
    if (!sources.empty() && has("cppcheck"))
        add(cppcheck(source, sources));

    keep_advice(found, submission);
    for (Diagnostic &diagnostic : found)
        add_text(diagnostic, source);
    std::erase_if(found, is_known_to_be_wrong);
    std::stable_sort(found.begin(), found.end(), [](const auto &a, const auto &b) {
        return std::tie(a.file, a.line) < std::tie(b.file, b.line);
    });
    found.erase(std::unique(found.begin(), found.end(), say_the_same), found.end());
    const auto types =
        checkpatch_types(read_file(kernel.source / "Documentation/dev-tools/checkpatch.rst"));
    for (Diagnostic &diagnostic : found)
        result.advice.push_back(explained(std::move(diagnostic), types));
    return result;
}

}  // namespace klass::kernel
