// SPDX-License-Identifier: Apache-2.0
#include "intake/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <memory>

#include "kernel/text.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/subprocess.h"
#include "util/temporary_folder.h"

namespace klass::intake {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 10> endings{
    ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tgz", ".tbz2", ".txz", ".tzst", ".tar", ".zip"};

using Handle = std::unique_ptr<archive, int (*)(archive *)>;

std::string lower(std::string_view text) {
    std::string result(text);
    for (char &byte : result)
        byte = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
    return result;
}

std::string_view ending_of(std::string_view name) {
    const std::string small = lower(name);
    const auto *const found =
        std::find_if(endings.begin(), endings.end(),
                     [&](std::string_view each) { return small.ends_with(each); });
    return found == endings.end() ? std::string_view() : *found;
}

std::string complaint_of(archive *handle) {
    const char *text = archive_error_string(handle);
    return kernel::safe_text(text != nullptr ? text : "no reason is given");
}

/** What an entry's path may not be; empty when it is well. */
std::string objection_to(const fs::path &path, const ArchiveLimits &limits) {
    if (path.is_absolute())
        return "its path is absolute";
    std::size_t depth = 0;
    for (const fs::path &part : path) {
        if (part == "..")
            return "its path leads out of the archive (..)";
        ++depth;
    }
    if (depth > limits.depth)
        return fmt::format("it is nested more than {} folders deep", limits.depth);
    return {};
}

/** Never graded: what an editor, git or a Mac adds. */
bool is_passed_over(const fs::path &path) {
    return std::any_of(path.begin(), path.end(), [](const fs::path &part) {
        const std::string name = part.string();
        return name == "__MACOSX" || (name.size() > 1 && name.front() == '.' && name != "..");
    });
}

std::string objection_to_type(archive_entry *entry) {
    if (archive_entry_hardlink(entry) != nullptr)
        return "it is a link to another file";
    const auto type = archive_entry_filetype(entry);
    if (type == AE_IFLNK)
        return "it is a symbolic link";
    if (type != AE_IFREG && type != AE_IFDIR)
        return "it is neither a file nor a folder";
    if (archive_entry_is_encrypted(entry) != 0)
        return "it is encrypted";
    return {};
}

/** Takes one archive apart. */
class Unpacker {
  public:
    Unpacker(archive *reader, fs::path folder, const ArchiveLimits &limits)
        : reader_(reader), folder_(std::move(folder)), limits_(limits) {
        // The paths were looked at before; libarchive looks again, at what lies on the disk.
        archive_write_disk_set_options(
            writer_.get(), ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_SECURE_SYMLINKS |
                               ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_NO_OVERWRITE);
    }

    std::vector<Refused> run() {
        archive_entry *entry = nullptr;
        for (;;) {
            throw_if_interrupted();
            const int status = archive_read_next_header(reader_, &entry);
            if (status == ARCHIVE_EOF)
                return std::move(refused_);
            if (status < ARCHIVE_WARN) {
                give_up(fmt::format("the archive cannot be read to its end: {}",
                                    complaint_of(reader_)));
                return std::move(refused_);
            }
            if (++entries_ > limits_.entries) {
                give_up(fmt::format("the archive holds more than {} entries", limits_.entries));
                return std::move(refused_);
            }
            if (!take(entry))
                return std::move(refused_);
        }
    }

  private:
    /** False when the archive is to be read no further. */
    bool take(archive_entry *entry) {
        const char *name = archive_entry_pathname(entry);
        if (name == nullptr)
            name = archive_entry_pathname_utf8(entry);
        if (name == nullptr) {
            refused_.push_back({"(a name that is not UTF-8)", "its name is not UTF-8"});
            return true;
        }
        const fs::path path = fs::path(name).lexically_normal();
        if (is_passed_over(path) || path == "." || path.empty())
            return true;
        std::string objection = objection_to(path, limits_);
        if (objection.empty())
            objection = objection_to_type(entry);
        if (!objection.empty()) {
            refused_.push_back({path, objection});
            return true;
        }
        return write(entry, path);
    }

    bool write(archive_entry *entry, const fs::path &path) {
        const bool is_folder = archive_entry_filetype(entry) == AE_IFDIR;
        archive_entry_set_pathname(entry, (folder_ / path).c_str());
        archive_entry_set_perm(entry, is_folder ? 0755 : 0644);
        if (archive_write_header(writer_.get(), entry) < ARCHIVE_WARN) {
            refuse_or_fail(path);
            return true;
        }
        return is_folder || copy_contents(path);
    }

    bool copy_contents(const fs::path &path) {
        for (;;) {
            const void *bytes = nullptr;
            std::size_t size = 0;
            la_int64_t offset = 0;
            const int status = archive_read_data_block(reader_, &bytes, &size, &offset);
            if (status == ARCHIVE_EOF)
                break;
            if (status < ARCHIVE_WARN) {
                give_up(fmt::format("{} cannot be read: {}", kernel::safe_text(path.string()),
                                    complaint_of(reader_)));
                return false;
            }
            // A sparse file's holes count: they take room when somebody reads them.
            const std::uint64_t end = static_cast<std::uint64_t>(offset) + size;
            if (end > limits_.bytes || total_ > limits_.bytes - end) {
                give_up(
                    fmt::format("the archive unpacks to more than {} MiB", limits_.bytes >> 20U));
                return false;
            }
            file_end_ = end;
            if (archive_write_data_block(writer_.get(), bytes, size, offset) < ARCHIVE_WARN) {
                refuse_or_fail(path);
                return true;
            }
        }
        total_ += file_end_;
        file_end_ = 0;
        if (archive_write_finish_entry(writer_.get()) < ARCHIVE_WARN)
            refuse_or_fail(path);
        return true;
    }

    /** A full disk is ours; a name that is there twice, or too long, is the archive's. */
    void refuse_or_fail(const fs::path &path) {
        const int error = archive_errno(writer_.get());
        if (error == ENOSPC || error == EDQUOT)
            throw GraderFault("there is no space left to unpack an archive",
                              "make room, or set TMPDIR to a folder that has some");
        refused_.push_back({path, "it cannot be unpacked: " + complaint_of(writer_.get())});
    }

    void give_up(std::string reason) { refused_.push_back({{}, std::move(reason)}); }

    archive *reader_;
    Handle writer_{archive_write_disk_new(), archive_write_free};
    fs::path folder_;
    const ArchiveLimits &limits_;
    std::vector<Refused> refused_;
    std::size_t entries_ = 0;
    std::uint64_t total_ = 0;
    std::uint64_t file_end_ = 0;
};

Handle reader() {
    Handle handle(archive_read_new(), archive_read_free);
    archive_read_support_format_tar(handle.get());
    archive_read_support_format_zip(handle.get());
    archive_read_support_filter_gzip(handle.get());
    archive_read_support_filter_bzip2(handle.get());
    archive_read_support_filter_xz(handle.get());
    archive_read_support_filter_zstd(handle.get());
    return handle;
}

std::vector<Refused> unpack_opened(archive *opened, int status, const fs::path &folder,
                                   const ArchiveLimits &limits) {
    if (status < ARCHIVE_WARN)
        return {{{}, fmt::format("it is no archive that can be read: {}", complaint_of(opened))}};
    return Unpacker(opened, fs::absolute(folder), limits).run();
}

la_ssize_t append(archive * /*handle*/, void *target, const void *bytes, std::size_t count) {
    static_cast<std::string *>(target)->append(static_cast<const char *>(bytes), count);
    return static_cast<la_ssize_t>(count);
}

}  // namespace

bool is_archive_name(std::string_view name) {
    return !ending_of(name).empty();
}

std::string without_archive_ending(std::string_view name) {
    return std::string(name.substr(0, name.size() - ending_of(name).size()));
}

std::vector<Refused> unpack(const fs::path &archive, const fs::path &folder,
                            const ArchiveLimits &limits) {
    constexpr std::size_t piece = 65'536;
    const Handle handle = reader();
    const int status = archive_read_open_filename(handle.get(), archive.c_str(), piece);
    return unpack_opened(handle.get(), status, folder, limits);
}

std::vector<Refused> unpack_text(std::string_view archive, const fs::path &folder,
                                 const ArchiveLimits &limits) {
    const Handle handle = reader();
    const int status = archive_read_open_memory(handle.get(), archive.data(), archive.size());
    return unpack_opened(handle.get(), status, folder, limits);
}

std::string pack(const kernel::Submission &submission) {
    const TemporaryFolder copy("pack");
    submission.copy_to(copy.path());
    std::string packed;
    const Handle writer(archive_write_new(), archive_write_free);
    archive_write_set_format_ustar(writer.get());
    archive_write_add_filter_gzip(writer.get());
    // gzip's header holds the time of day otherwise.
    archive_write_set_filter_option(writer.get(), "gzip", "timestamp", nullptr);
    archive_write_open(writer.get(), &packed, nullptr, append, nullptr);
    for (const fs::path &file : submission.files) {
        const std::string contents = read_file(copy.path() / file);
        const std::unique_ptr<archive_entry, void (*)(archive_entry *)> entry(archive_entry_new(),
                                                                              archive_entry_free);
        archive_entry_set_pathname(entry.get(), file.c_str());
        archive_entry_set_mode(entry.get(), AE_IFREG | 0644);
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(contents.size()));
        archive_entry_set_mtime(entry.get(), 0, 0);
        if (archive_write_header(writer.get(), entry.get()) < ARCHIVE_OK ||
            archive_write_data(writer.get(), contents.data(), contents.size()) !=
                static_cast<la_ssize_t>(contents.size()))
            throw UsageError(
                fmt::format("{} cannot be packed: {}", kernel::safe_text(file.string()),
                            complaint_of(writer.get())),
                "give the file a shorter name");
    }
    if (archive_write_close(writer.get()) < ARCHIVE_OK)
        throw GraderFault("cannot pack a submission: " + complaint_of(writer.get()));
    return packed;
}

}  // namespace klass::intake
