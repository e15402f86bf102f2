// SPDX-License-Identifier: Apache-2.0
#include "vm/snapshot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "util/cache_entry.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/file_lock.h"
#include "util/free_space.h"

namespace klass::vm {

namespace {

namespace fs = std::filesystem;

/** More than the state of a machine takes beside its memory, and the kernel's stub. */
constexpr std::uintmax_t state_mib = 16;

ScopedFd open_or_fault(const fs::path &path, int flags) {
    ScopedFd fd(open(path.c_str(), flags | O_CLOEXEC, 0600));
    if (!fd.valid())
        throw GraderFault(fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
    return fd;
}

// Copies only what is not a hole: most of a small guest's memory was never touched.
void copy_sparse(int from, int to, off_t size) {
    off_t at = 0;
    while ((at = lseek(from, at, SEEK_DATA)) >= 0 && at < size) {
        const off_t end = lseek(from, at, SEEK_HOLE);
        // copy_file_range(2) does not cross from one file system to another here.
        if (lseek(to, at, SEEK_SET) < 0)
            throw GraderFault(fmt::format("cannot fill a snapshot: {}", std::strerror(errno)));
        while (at < end) {
            const ssize_t count = sendfile(to, from, &at, static_cast<std::size_t>(end - at));
            if (count <= 0)
                throw GraderFault(
                    fmt::format("cannot load a snapshot's memory: {}", std::strerror(errno)));
        }
    }
}

// Half of what a boot touched holds nothing but zeroes by the end of it. As holes
// they cost no disk, and no time when a grading copies the rest.
void dig_holes(int file, off_t size) {
    constexpr off_t page = 4096;
    const auto length = static_cast<std::size_t>(size);
    void *mapped = mmap(nullptr, length, PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED)
        return;
    const char *bytes = static_cast<const char *>(mapped);
    off_t begin = 0;
    for (off_t at = 0; at <= size; at += page) {
        const bool zeroes =
            at < size && bytes[at] == 0 && std::memcmp(bytes + at, bytes + at + 1, page - 1) == 0;
        if (zeroes)
            continue;
        // A file system without holes keeps the zeroes: that is as right.
        if (at > begin)
            fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, begin, at - begin);
        begin = at + page;
    }
    munmap(mapped, length);
}

// The head of a bzImage is all that QEMU looks into (Documentation/arch/x86/boot.rst).
// A vmlinux has no such head: there is no stub of it.
void write_kernel_stub(const fs::path &kernel, const fs::path &stub) {
    constexpr std::size_t head_bytes = 64 << 10;
    constexpr std::size_t mark_offset = 0x202;
    const std::string image = read_file(kernel);
    if (image.size() > head_bytes && image.compare(mark_offset, 4, "HdrS") == 0)
        write_file_atomically(stub, image.substr(0, head_bytes));
}

/** Gives a file to all who share the cache, to be read. */
void publish(int file, const fs::path &from, const fs::path &to) {
    if (fchmod(file, 0444) < 0 || fsync(file) < 0 || rename(from.c_str(), to.c_str()) < 0)
        throw GraderFault(fmt::format("cannot write {}: {}", to.string(), std::strerror(errno)));
}

ScopedFd sealed_memory(const fs::path &path, const MachineSpec &spec) {
    const ScopedFd file = open_or_fault(path, O_RDONLY);
    const off_t size = static_cast<off_t>(spec.memory_mib) << 20;
    ScopedFd memory(memfd_create("klass-snapshot", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!memory.valid() || ftruncate(memory.get(), size) < 0)
        throw GraderFault(fmt::format("no memory for a snapshot of {} MiB: {}", spec.memory_mib,
                                      std::strerror(errno)));
    copy_sparse(file.get(), memory.get(), size);
    if (fcntl(memory.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) <
        0)
        throw GraderFault(fmt::format("cannot seal a snapshot: {}", std::strerror(errno)));
    return memory;
}

}  // namespace

Snapshot::Snapshot(MachineSpec spec, ScopedFd ram, std::filesystem::path state, std::string note)
    : spec_(std::move(spec)),
      ram_(std::move(ram)),
      state_(std::move(state)),
      note_(std::move(note)),
      clone_spec_(spec_) {
    // A clone never loads kernel or initramfs, which are in its memory; QEMU only
    // wants to see them, and would read all of both at each start.
    const fs::path stub = state_.parent_path() / "kernel-stub";
    if (fs::exists(stub))
        clone_spec_.kernel = clone_spec_.initrd = stub;
}

Machine Snapshot::start_waiting() const {
    return {clone_spec_, ram_.get(), Start::incoming};
}

void Snapshot::resume(Machine &machine) const {
    const ScopedFd state = open_or_fault(state_, O_RDONLY);
    machine.resume_from(state.get());
}

SnapshotStore::SnapshotStore(std::filesystem::path cache, Progress &progress)
    : cache_(std::move(cache)), progress_(progress) {}

bool SnapshotStore::has(const std::string &key) const {
    return fs::exists(cache_ / "snapshot" / key.substr(0, 16) / "note");
}

std::shared_ptr<const Snapshot> SnapshotStore::obtain(const MachineSpec &spec,
                                                      const std::string &name,
                                                      std::chrono::milliseconds usual,
                                                      const std::string &key,
                                                      const Prepare &prepare) {
    const fs::path folder = cache_ / "snapshot" / key.substr(0, 16);
    if (!has(key)) {
        std::error_code error;
        fs::create_directories(folder, error);
        if (error)
            throw GraderFault(fmt::format("cannot make {}: {}", folder.string(), error.message()),
                              "make room, or set KLASS_CACHE to a folder that can be written");
        const FileLock lock(folder / "lock", [&] {
            progress_.note(fmt::format("another klass is making the snapshot of {}", name));
        });
        if (!has(key)) {
            progress_.begin_timed(fmt::format("booting {} once, to freeze it", name), usual);
            make(spec, folder, prepare);
        }
    }
    mark_used(folder / "note");
    return std::make_shared<Snapshot>(spec, sealed_memory(folder / "ram", spec), folder / "state",
                                      read_file(folder / "note"));
}

void SnapshotStore::make(const MachineSpec &spec, const fs::path &folder,
                         const Prepare &prepare) const {
    // QEMU runs as another user when Klass is root, and opens the memory anew by its descriptor:
    // so anybody may write it while it is made, but only we come to where it lies.
    const fs::path making = folder / "making";
    std::error_code ignored;  // mkdir() says why
    fs::remove_all(making, ignored);
    // QEMU writes the memory by a mapping: where the disk is full, it is killed.
    require_space(folder, (spec.memory_mib + state_mib) << 20, "a snapshot", "KLASS_CACHE");
    if (mkdir(making.c_str(), 0700) < 0)
        throw GraderFault(fmt::format("cannot make {}: {}", making.string(), std::strerror(errno)));
    const ScopedFd ram = open_or_fault(making / "ram", O_RDWR | O_CREAT | O_EXCL);
    const ScopedFd state = open_or_fault(making / "state", O_RDWR | O_CREAT | O_EXCL);
    const off_t size = static_cast<off_t>(spec.memory_mib) << 20;
    if (fchmod(ram.get(), 0666) < 0 || ftruncate(ram.get(), size) < 0)
        throw GraderFault(
            fmt::format("cannot write {}: {}", (making / "ram").string(), std::strerror(errno)));
    write_kernel_stub(spec.kernel, folder / "kernel-stub");
    std::string note;
    {
        Machine machine(spec, ram.get(), Start::boot);
        note = prepare(machine);
        machine.freeze_to(state.get());
    }
    dig_holes(ram.get(), size);
    publish(ram.get(), making / "ram", folder / "ram");
    publish(state.get(), making / "state", folder / "state");
    fs::remove(making);
    write_file_atomically(folder / "note", note);
    progress_.end();
    if (const std::size_t old = remove_unused(cache_ / "snapshot", "note"))
        progress_.note(fmt::format("removed {} old snapshots from the cache", old));
}

}  // namespace klass::vm
