// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief For tests: archives as students and those who mean harm make them.
 */
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace klass::intake {

/** One entry. */
struct Member {
    enum Kind { file, symlink, hardlink, fifo };
    std::string path;
    std::string contents;  ///< of a link, where it points
    Kind kind = file;
};

/** Writes an archive whose format and compression its name says. */
inline void make_archive(const std::filesystem::path &archive, const std::vector<Member> &members) {
    const std::unique_ptr<struct archive, int (*)(struct archive *)> writer(archive_write_new(),
                                                                            archive_write_free);
    const std::string ending = archive.extension();
    if (ending == ".zip")
        archive_write_set_format_zip(writer.get());
    else
        archive_write_set_format_pax_restricted(writer.get());
    if (ending == ".gz")
        archive_write_add_filter_gzip(writer.get());
    if (ending == ".xz")
        archive_write_add_filter_xz(writer.get());
    if (ending == ".bz2")
        archive_write_add_filter_bzip2(writer.get());
    if (ending == ".zst")
        archive_write_add_filter_zstd(writer.get());
    archive_write_open_filename(writer.get(), archive.c_str());
    for (const Member &member : members) {
        const std::unique_ptr<archive_entry, void (*)(archive_entry *)> entry(archive_entry_new(),
                                                                              archive_entry_free);
        archive_entry_set_pathname(entry.get(), member.path.c_str());
        archive_entry_set_perm(entry.get(), 0644);
        archive_entry_set_mtime(entry.get(), 1'700'000'000, 0);
        archive_entry_set_filetype(entry.get(), member.kind == Member::symlink ? AE_IFLNK
                                                : member.kind == Member::fifo  ? AE_IFIFO
                                                                               : AE_IFREG);
        if (member.kind == Member::symlink)
            archive_entry_set_symlink(entry.get(), member.contents.c_str());
        if (member.kind == Member::hardlink)
            archive_entry_set_hardlink(entry.get(), member.contents.c_str());
        const std::size_t size = member.kind == Member::file ? member.contents.size() : 0;
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
        archive_write_header(writer.get(), entry.get());
        archive_write_data(writer.get(), member.contents.data(), size);
    }
    archive_write_close(writer.get());
}

}  // namespace klass::intake
