// SPDX-License-Identifier: Apache-2.0
#include "kernel/build_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "kernel/text.h"
#include "util/error.h"
#include "util/scoped_fd.h"

namespace klass::kernel {

namespace fs = std::filesystem;

void make_output(const fs::path &path) {
    const ScopedFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd.valid())
        throw GraderFault("cannot make " + path.string() + ": " + errno_text(errno),
                          "see whether the disk is full (df -h)");
}

Bytes read_output(const fs::path &path, std::uint64_t limit) {
    const ScopedFd fd(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (!fd.valid() || fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
        throw GraderFault("cannot read " + path.string() + ": " + errno_text(errno));
    const auto size = static_cast<std::uint64_t>(status.st_size);
    Bytes bytes(limit == 0 ? size : std::min(size, limit));
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t count =
            TEMP_FAILURE_RETRY(read(fd.get(), bytes.data() + done, bytes.size() - done));
        if (count < 0)
            throw GraderFault("cannot read " + path.string() + ": " + errno_text(errno));
        if (count == 0)
            break;
        done += static_cast<std::size_t>(count);
    }
    bytes.resize(done);
    return bytes;
}

bool is_elf(const Bytes &bytes) {
    static constexpr std::string_view magic = "\177ELF";
    return bytes.size() > magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

std::string end_of_output(const Outcome &outcome) {
    constexpr std::size_t kept = std::size_t{16} << 10;
    const std::size_t cut = outcome.output.size() - std::min(outcome.output.size(), kept);
    return safe_text(std::string_view(outcome.output).substr(cut));
}

std::string failure_of(const Outcome &outcome, const std::vector<Diagnostic> &diagnostics,
                       const SandboxLimits &limits) {
    if (outcome.timed_out)
        return "the build took longer than " +
               std::to_string(std::chrono::ceil<std::chrono::seconds>(limits.time).count()) + " s";
    if (outcome.output_truncated)
        return "the build printed more than " + count_of_bytes(limits.output_bytes) +
               " and was stopped";
    const auto error = std::find_if(diagnostics.begin(), diagnostics.end(),
                                    [](const auto &found) { return found.severity == "error"; });
    if (error != diagnostics.end()) {
        const std::string place = error->file.empty() ? error->tool
                                  : error->line == 0
                                      ? error->file
                                      : error->file + ", line " + std::to_string(error->line);
        return place + ": " + error->message;
    }
    if (outcome.signal != 0)
        return "the build was killed by signal " + std::to_string(outcome.signal);
    return "make failed with status " + std::to_string(outcome.exit_code);
}

}  // namespace klass::kernel
