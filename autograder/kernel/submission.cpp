// SPDX-License-Identifier: Apache-2.0
#include "kernel/submission.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <string_view>

#include "kernel/build_output.h"
#include "kernel/text.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/scoped_fd.h"

namespace klass::kernel {

namespace {

namespace fs = std::filesystem;

constexpr int deepest_folder = 8;

/** What Kbuild, a compiler or an editor leaves behind: made again by the build, never graded. */
bool is_left_out(const std::string &name) {
    static constexpr std::array<std::string_view, 11> endings = {
        ".o", ".ko", ".mod", ".mod.c", ".cmd", ".a", ".d", ".dwo", ".order", ".symvers", "~"};
    return name.starts_with('.') || name == "compile_commands.json" ||
           std::any_of(endings.begin(), endings.end(),
                       [&](auto ending) { return name.ends_with(ending); });
}

std::string shown(const fs::path &path) {
    return safe_text(path.string());
}

UsageError unreadable(const fs::path &path) {
    return UsageError("cannot read " + shown(path) + ": " + errno_text(errno));
}

/** Opens a regular file and nothing else, whatever took its place since it was listed. */
ScopedFd open_file(const fs::path &path) {
    // O_NONBLOCK: opening a named pipe must not wait for a writer.
    ScopedFd fd(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!fd.valid() || fstat(fd.get(), &status) != 0)
        throw unreadable(path);
    if (!S_ISREG(status.st_mode))
        throw UsageError(shown(path) + " is not a regular file", "replace it with a regular file");
    return fd;
}

/** Whether a compiler made it: it begins as programs and objects do. */
bool is_compiled(const fs::path &path) {
    const ScopedFd fd = open_file(path);
    Bytes beginning(8);
    const ssize_t count = TEMP_FAILURE_RETRY(read(fd.get(), beginning.data(), beginning.size()));
    if (count < 0)
        throw unreadable(path);
    beginning.resize(static_cast<std::size_t>(count));
    return is_elf(beginning);
}

std::string contents_of(const fs::path &path, std::uint64_t limit) {
    const ScopedFd fd = open_file(path);
    std::string contents;
    std::array<char, 65536> piece;
    for (;;) {
        const ssize_t count = TEMP_FAILURE_RETRY(read(fd.get(), piece.data(), piece.size()));
        if (count < 0)
            throw unreadable(path);
        if (count == 0)
            return contents;
        contents.append(piece.data(), static_cast<std::size_t>(count));
        if (contents.size() > limit)
            throw UsageError(shown(path) + " is larger than the " + std::to_string(limit) +
                                 " bytes that a submission's file may have",
                             "hand in sources only");
    }
}

/** Lists a submission's files within its limits. */
class Walk {
  public:
    Walk(const fs::path &root, const SubmissionLimits &limits) : root_(root), limits_(limits) {
        enter(root, 0);
        std::sort(files_.begin(), files_.end());
    }
    std::vector<fs::path> files() { return std::move(files_); }

  private:
    void enter(const fs::path &folder, int depth) {
        if (depth > deepest_folder)
            throw UsageError(shown(folder) + " is nested too deeply",
                             "hand in the exercise's own folder");
        std::error_code error;
        for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
             entry.increment(error))
            take(*entry, depth);
        if (error)
            throw UsageError("cannot list " + shown(folder) + ": " + error.message());
    }

    void take(const fs::directory_entry &entry, int depth) {
        const std::string name = entry.path().filename().string();
        const fs::file_type type = entry.symlink_status().type();
        if (is_left_out(name) || (depth == 0 && name == "mutants"))
            return;
        if (entries_++ == limits_.files)
            throw UsageError("the submission has more than " + std::to_string(limits_.files) +
                                 " files and folders: " + shown(entry.path()) + " is one too many",
                             "hand in the exercise's own folder, without build products");
        if (type == fs::file_type::directory)
            return enter(entry.path(), depth + 1);
        if (type == fs::file_type::symlink)
            throw UsageError(shown(entry.path()) + " is a symbolic link",
                             "put the file itself in its place");
        if (type != fs::file_type::regular)
            throw UsageError(shown(entry.path()) + " is not a regular file", "remove it");
        // Deeper ones may be meant: a rootfs holds programs.
        if (depth == 0 && is_compiled(entry.path()))
            return;
        files_.push_back(entry.path().lexically_relative(root_));
    }

    const fs::path &root_;
    const SubmissionLimits &limits_;
    std::vector<fs::path> files_;
    std::size_t entries_ = 0;
};

}  // namespace

Submission Submission::from_folder(const fs::path &folder, const SubmissionLimits &limits) {
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored))
        throw UsageError(shown(folder) + " is not a folder", "name the folder of the exercise");
    Submission submission{.folder = folder, .files = Walk(folder, limits).files(), .sha256 = {}};
    if (submission.files.empty())
        throw UsageError(shown(folder) + " holds no source",
                         "`klass start STAGE` makes a folder to begin with");
    Digest digest;
    std::uint64_t total = 0;
    for (const fs::path &file : submission.files) {
        const std::string contents = contents_of(folder / file, limits.bytes_per_file);
        total += contents.size();
        if (total > limits.bytes)
            throw UsageError("the submission is larger than " + std::to_string(limits.bytes) +
                                 " bytes: " + shown(file) + " is too much",
                             "hand in sources only");
        digest.add(file.string()).add(contents);
    }
    submission.sha256 = digest.hex();
    return submission;
}

void Submission::copy_to(const fs::path &target) const {
    Digest digest;
    for (const fs::path &file : files) {
        const std::string contents = contents_of(folder / file, SubmissionLimits{}.bytes);
        digest.add(file.string()).add(contents);
        std::error_code error;
        fs::create_directories((target / file).parent_path(), error);
        std::ofstream copy(target / file, std::ios::binary);
        copy << contents;
        copy.close();
        if (error || !copy)
            throw GraderFault("cannot write " + shown(target / file),
                              "see whether the disk is full (df -h)");
    }
    if (digest.hex() != sha256)
        throw UsageError(shown(folder) + " changed while it was read", "grade it again");
}

}  // namespace klass::kernel
