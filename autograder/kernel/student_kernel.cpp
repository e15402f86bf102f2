// SPDX-License-Identifier: Apache-2.0
#include "kernel/student_kernel.h"

#include <algorithm>
#include <thread>

#include "kernel/build_output.h"
#include "kernel/kconfig_reasons.h"
#include "kernel/module_outputs.h"
#include "kernel/recipe.h"
#include "kernel/sandbox.h"
#include "kernel/text.h"
#include "util/digest.h"
#include "util/error.h"

namespace klass::kernel {

namespace {

namespace fs = std::filesystem;

// The objects of Kconfig itself are there already; nothing else of the base is needed.
constexpr const char *configure_script = R"(set -e
cp -R --preserve=timestamps /klass/base/scripts /klass/build/scripts
make -s -C /klass/linux O=/klass/build "CC=ccache gcc" "HOSTCC=ccache gcc" \
    KCONFIG_ALLCONFIG=/klass/fragments allnoconfig
cat /klass/build/.config > /klass/out/config
)";

// Each vmlinux is linked anew, for the name of the kernel is in it: no need to copy that.
constexpr const char *build_script = R"(
tree=/klass/build
for entry in /klass/base/* /klass/base/.[!.]*; do
    case $entry in
    */vmlinux* | */.config*) ;;
    *) cp -R --preserve=timestamps --no-dereference "$entry" /klass/build/ || exit 100 ;;
    esac
done
cp /klass/config /klass/build/.config || exit 100
make -j"$1" -C /klass/linux O=/klass/build "CC=ccache gcc" "HOSTCC=ccache gcc" LOCALVERSION="$2" \
    bzImage modules || exit 1
shift 2
cat /klass/build/arch/x86/boot/bzImage > /klass/out/bzImage
)";

struct TooManyObjects {};

/** One student's kernel on its way. */
class Build {
  public:
    Build(const Kernel &base, const StudentKernelRequest &request, const fs::path &tool,
          fs::path folder, Progress &progress, const StudentKernelLimits &limits)
        : base_(base),
          request_(request),
          tool_(tool),
          folder_(std::move(folder)),
          progress_(progress),
          limits_(limits) {
        // Inside, another user reads what lies here.
        fs::permissions(folder_, fs::perms(0755));
        kernel_.fragment = request.fragment;
    }

    StudentKernel result() && {
        if (configure()) {
            look_for_dropped_lines();
            make();
        }
        return std::move(kernel_);
    }

  private:
    bool configure() {
        progress_.begin("configuring your kernel", 0);
        write("fragments", read_file(base_.build / "klass.config") + "\n" + request_.fragment);
        make_output(folder_ / "config");
        SandboxedCommand command = sandboxed({"sh", "-c", configure_script});
        command.mounts.push_back({folder_ / "fragments", "/klass/fragments"});
        command.mounts.push_back({folder_ / "config", std::string(inside::out) + "/config", true});
        const Outcome outcome = run_in_sandbox(command);
        kernel_.configuring = outcome.duration;
        if (outcome.ok())
            kernel_.config = read_file(folder_ / "config");
        else
            fail(outcome);
        progress_.end();
        return outcome.ok();
    }

    void look_for_dropped_lines() {
        kernel_.strange = strange_lines(request_.fragment);
        kernel_.dropped = dropped_options(request_.fragment, kernel_.config);
        if (!kernel_.dropped.empty()) {
            const fs::path question = folder_ / "question";
            fs::create_directory(question);
            explain_dropped(kernel_.dropped, base_, tool_, kernel_.config, question);
        }
        for (const StrangeLine &strange : kernel_.strange)
            complain(strange.line,
                     safe_text(strange.text) + " is no setting: write CONFIG_NAME=value");
        for (const DroppedOption &dropped : kernel_.dropped)
            complain(dropped.line, safe_text(dropped.name + "=" + dropped.requested + " became " +
                                             dropped.became) +
                                       (dropped.reason.empty() ? "" : ": " + dropped.reason));
    }

    void complain(int line, const std::string &message) {
        if (kernel_.diagnostics.size() < most_diagnostics)
            kernel_.diagnostics.push_back({.severity = "warning",
                                           .file = "kernel.config",
                                           .line = line,
                                           .message = message,
                                           .tool = "kconfig"});
    }

    void make() {
        progress_.begin("building your kernel", 0);
        make_output(image());
        const ModuleOutputs modules(folder_, request_.modules);
        // Now /klass/out/config is gone, and what it was is read-only.
        write("final.config", kernel_.config);
        SandboxedCommand command = sandboxed(
            {"sh", "-c", std::string(build_script) + ModuleOutputs::collect_script + "exit 0\n",
             "sh", std::to_string(std::max(1U, std::thread::hardware_concurrency())),
             request_.suffix});
        modules.add_to(command);
        command.mounts.push_back({folder_ / "final.config", "/klass/config"});
        command.mounts.push_back({image(), std::string(inside::out) + "/bzImage", true});
        command.on_line = [&](std::string_view line) { count(line); };
        try {
            const Outcome outcome = run_in_sandbox(command);
            kernel_.building = outcome.duration;
            if (outcome.ok())
                collect(modules);
            else
                fail(outcome);
        } catch (const TooManyObjects &) {
            kernel_.error = "kernel.config changes more than " + std::to_string(limits_.objects) +
                            " of the kernel's objects: it would be built anew, and not changed. "
                            "Ask for less";
        }
        progress_.end();
    }

    void count(std::string_view line) {
        if (!names_an_object(line))
            return;
        if (++kernel_.objects > limits_.objects)
            throw TooManyObjects();
        progress_.update(kernel_.objects, safe_text(line.substr(line.find_last_of(' ') + 1)));
    }

    void collect(const ModuleOutputs &modules) {
        kernel_.image = image();
        // QEMU reads it as another user.
        fs::permissions(image(), fs::perms(0644));
        kernel_.ok = !release_of_image(read_output(image(), limits_.sandbox.file_bytes)).empty();
        if (!kernel_.ok)
            kernel_.error = "the build left no bzImage";
        for (const std::string &name : request_.modules) {
            Bytes loadable = read_output(modules.loadable(name), limits_.sandbox.file_bytes);
            if (is_elf(loadable))
                kernel_.modules.push_back(
                    {.name = name, .path = modules.whole(name), .image = std::move(loadable)});
        }
    }

    void fail(const Outcome &outcome) {
        kernel_.output = end_of_output(outcome);
        const auto diagnostics = parse_build_output(outcome.output, submission_root);
        kernel_.error = failure_of(outcome, diagnostics, limits_.sandbox);
        kernel_.diagnostics.insert(kernel_.diagnostics.end(), diagnostics.begin(),
                                   diagnostics.end());
    }

    /** Without its outputs, which differ. */
    [[nodiscard]] SandboxedCommand sandboxed(std::vector<std::string> argv) const {
        SandboxedCommand command;
        command.argv = std::move(argv);
        command.mounts = {{base_.source, inside::linux_source}, {base_.build, inside::base}};
        command.scratch = {inside::build};
        command.environment = kernel_environment();
        // The compiler's commands name ccache, and must not change. Nobody writes into the cache
        // of kernels but we.
        command.environment["CCACHE_DISABLE"] = "1";
        command.limits = limits_.sandbox;
        return command;
    }

    void write(const char *name, const std::string &contents) const {
        write_file_atomically(folder_ / name, contents);
        fs::permissions(folder_ / name, fs::perms(0644));
    }
    [[nodiscard]] fs::path image() const { return folder_ / "bzImage"; }

    const Kernel &base_;
    const StudentKernelRequest &request_;
    const fs::path &tool_;
    fs::path folder_;
    Progress &progress_;
    const StudentKernelLimits &limits_;
    StudentKernel kernel_;
};

}  // namespace

StudentKernel build_student_kernel(const Kernel &base, const StudentKernelRequest &request,
                                   const fs::path &tool, const fs::path &folder, Progress &progress,
                                   const StudentKernelLimits &limits) {
    return Build(base, request, tool, folder, progress, limits).result();
}

std::string release_of_image(const Bytes &image) {
    constexpr std::size_t magic_at = 0x202;
    constexpr std::size_t pointer_at = 0x20e;
    constexpr std::size_t pointer_base = 0x200;
    constexpr std::size_t longest = 64;  // of struct new_utsname's fields
    static constexpr std::string_view magic = "HdrS";
    if (image.size() < pointer_at + 2 ||
        !std::equal(magic.begin(), magic.end(), image.begin() + magic_at))
        return {};
    const std::size_t at =
        pointer_base + image[pointer_at] + (std::size_t{image[pointer_at + 1]} << 8U);
    std::string release;
    for (std::size_t i = at; i < image.size() && release.size() < longest; ++i) {
        const char character = static_cast<char>(image[i]);
        if (character <= ' ' || character > '~')
            break;
        release.push_back(character);
    }
    return release;
}

}  // namespace klass::kernel
