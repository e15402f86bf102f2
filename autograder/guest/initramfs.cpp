// SPDX-License-Identifier: Apache-2.0
#include "guest/initramfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <set>
#include <sstream>

#include "util/digest.h"
#include "util/error.h"
#include "util/subprocess.h"

namespace klass::guest {

namespace {

namespace fs = std::filesystem;

constexpr const char *busybox = "/bin/busybox";

la_ssize_t append(archive *, void *target, const void *bytes, std::size_t count) {
    static_cast<std::string *>(target)->append(static_cast<const char *>(bytes), count);
    return static_cast<la_ssize_t>(count);
}

}  // namespace

std::string make_initramfs(const std::vector<InitramfsFile> &files) {
    std::string image;
    const std::unique_ptr<archive, int (*)(archive *)> writer(archive_write_new(),
                                                              archive_write_free);
    archive_write_set_format_cpio_newc(writer.get());
    archive_write_open(writer.get(), &image, nullptr, append, nullptr);
    int inode = 1;
    for (const InitramfsFile &file : files) {
        const std::unique_ptr<archive_entry, void (*)(archive_entry *)> entry(archive_entry_new(),
                                                                              archive_entry_free);
        archive_entry_set_pathname(entry.get(), file.path.c_str());
        archive_entry_set_ino(entry.get(), inode++);
        archive_entry_set_mode(entry.get(), static_cast<mode_t>(file.mode));
        archive_entry_set_nlink(entry.get(), 1);
        archive_entry_set_mtime(entry.get(), 0, 0);
        if (S_ISLNK(file.mode))
            archive_entry_set_symlink(entry.get(), file.contents.c_str());
        const std::size_t size = S_ISREG(file.mode) ? file.contents.size() : 0;
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
        if (archive_write_header(writer.get(), entry.get()) != ARCHIVE_OK ||
            archive_write_data(writer.get(), file.contents.data(), size) !=
                static_cast<la_ssize_t>(size))
            throw GraderFault(
                fmt::format("cannot make the initramfs: {}", archive_error_string(writer.get())));
    }
    archive_write_close(writer.get());
    return image;
}

std::string course_initramfs(const fs::path &agent) {
    std::vector<InitramfsFile> files{{"init", read_file(agent)}, {"bin", "", S_IFDIR | 0755}};
    if (fs::exists(busybox)) {
        files.push_back({"bin/busybox", read_file(busybox)});
        for (const char *name : {"sh", "cat", "echo", "dd", "ls", "ps", "top", "ip", "ping"})
            files.push_back({fmt::format("bin/{}", name), "busybox", S_IFLNK | 0777});
    }
    const auto programs = agent.parent_path() / "guest";
    if (fs::is_directory(programs))
        for (const auto &program : fs::directory_iterator(programs))
            files.push_back({fmt::format("bin/{}", program.path().filename().string()),
                             read_file(program.path())});
    // A folder lists its files in any order, but a snapshot's key is over the bytes.
    std::sort(files.begin(), files.end(),
              [](const auto &a, const auto &b) { return a.path < b.path; });
    return make_initramfs(files);
}

std::string student_initramfs(const std::vector<InitramfsFile> &files) {
    if (!fs::exists(busybox))
        throw GraderFault(fmt::format("there is no {}", busybox), "apt-get install busybox-static");
    std::vector<InitramfsFile> all;
    std::set<fs::path> folders;
    const auto add_folders_of = [&](const fs::path &path) {
        fs::path folder;
        for (const fs::path &part : path.parent_path())
            if (folders.insert(folder /= part).second)
                all.push_back({folder.string(), "", S_IFDIR | 0755});
    };
    // A path below each, so that the folder itself is made.
    for (const char *folder : {"dev/", "etc/", "lib/modules/", "mnt/", "proc/", "root/", "run/",
                               "sbin/", "sys/", "tmp/", "usr/bin/", "usr/sbin/", "var/"})
        add_folders_of(folder);
    add_folders_of("bin/busybox");
    all.push_back({"bin/busybox", read_file(busybox)});
    std::istringstream names(run({.argv = {busybox, "--list-full"}}).output);
    for (std::string name; std::getline(names, name);) {
        if (name == "bin/busybox")
            continue;
        add_folders_of(name);
        all.push_back({name, busybox, S_IFLNK | 0777});
    }
    for (const InitramfsFile &file : files) {
        add_folders_of(file.path);
        all.push_back(file);
    }
    return make_initramfs(all);
}

}  // namespace klass::guest
