// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief Archives that students handed in: unpacked with suspicion, by libarchive.
 *
 * intake/ knows what was handed in: folders, archives, a roster. It knows no points, no verdict and
 * no gradebook.
 */
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/submission.h"

namespace klass::intake {

/** Limits on what comes out of one archive; one that would go beyond is unpacked no further. */
struct ArchiveLimits {
    std::size_t entries = 2'000;
    std::uint64_t bytes = std::uint64_t{64} << 20;  ///< of all files together, as they come out
    std::size_t depth = 12;                         ///< of folders
};

/** An archive of one student's. */
inline constexpr ArchiveLimits student_archive{};
/** An archive of a whole class. */
inline constexpr ArchiveLimits class_archive{
    .entries = 400'000, .bytes = std::uint64_t{4} << 30, .depth = 16};

/** An entry that was not unpacked, and why; the reason is a sentence for who handed it in. */
struct Refused {
    std::filesystem::path path;  ///< below the folder it would have been in; empty: the whole
    std::string reason;
};

/** Whether the name is that of an archive that unpack() reads: .zip, .tar, .tgz, .tar.gz, ... */
bool is_archive_name(std::string_view name);

/** The name without the archive's ending: "ada" of "ada.tar.gz". */
std::string without_archive_ending(std::string_view name);

/**
 * Unpacks tar (plain, gzip, bzip2, xz, zstd) and zip into an empty folder.
 *
 * Only regular files and folders come out. A link, a device, an absolute path and a path with ".."
 * are refused, each by itself; hidden files and __MACOSX, which are never graded, are passed over.
 * Owners, modes and times but the files' own are not taken over.
 * @return what was refused. An archive that cannot be read to its end, or is beyond a limit, is
 *         refused as a whole: the last of them has no path.
 * @throws GraderFault when the disk is full; Interrupted on Ctrl-C
 */
std::vector<Refused> unpack(const std::filesystem::path &archive,
                            const std::filesystem::path &folder, const ArchiveLimits &limits);

/** The same of an archive in memory. */
std::vector<Refused> unpack_text(std::string_view archive, const std::filesystem::path &folder,
                                 const ArchiveLimits &limits);

/**
 * A submission's files as a tar.gz: the same files give the same bytes.
 * @throws UsageError when they are no longer those that sha256 is of
 */
std::string pack(const kernel::Submission &submission);

}  // namespace klass::intake
