// SPDX-License-Identifier: Apache-2.0
#include "guest/process.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <thread>

namespace klass::guest {

namespace {

using namespace std::chrono_literals;

kj::ArrayPtr<const std::uint8_t> span(const Bytes &bytes) {
    return {bytes.data(), bytes.size()};
}

std::string flags_text(int flags) {
    static constexpr const char *access[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
    std::string text = access[flags & O_ACCMODE];
    const std::pair<int, const char *> names[] = {
        {O_CREAT, "O_CREAT"},   {O_EXCL, "O_EXCL"},         {O_TRUNC, "O_TRUNC"},
        {O_APPEND, "O_APPEND"}, {O_NONBLOCK, "O_NONBLOCK"}, {O_DIRECTORY, "O_DIRECTORY"}};
    for (const auto &[bit, name] : names)
        if ((flags & bit) == bit)
            text += fmt::format("|{}", name);
    return text;
}

const char *whence_text(int whence) {
    switch (whence) {
        case SEEK_SET:
            return "SEEK_SET";
        case SEEK_CUR:
            return "SEEK_CUR";
        case SEEK_END:
            return "SEEK_END";
        default:
            return "?";
    }
}

}  // namespace

Observation Pending::wait(std::chrono::milliseconds patience) {
    return guest_->await(ticket_, patience);
}

bool Pending::blocks(std::chrono::milliseconds patience) {
    const auto deadline = guest_->now() + patience;
    bool slept = false;
    long call = -1;
    while (!returned() && !guest_->lost() && guest_->now() < deadline) {
        const auto where = guest_->whereabouts(ticket_.actor);
        if (!where)
            return false;
        const bool sleeps = where->sleeps() && where->system_call >= 0;
        if (sleeps && slept && where->system_call == call)
            return !returned();
        slept = sleeps;
        call = where->system_call;
        std::this_thread::sleep_for(5ms);
    }
    return false;
}

File::File(Process &process, int fd, std::string path)
    : guest_(&process.guest()), actor_(process.actor()), fd_(fd), path_(std::move(path)) {}

Call File::read_call(const Memory &memory) const {
    return {fmt::format("read({}, {})", path_, memory.text()), [this, memory](auto operation) {
                auto call = operation.initRead();
                call.setFd(fd_);
                memory.fill(call.initBuffer());
            }};
}

Call File::write_call(const Memory &memory) const {
    return {fmt::format("write({}, {})", path_, memory.text()), [this, memory](auto operation) {
                auto call = operation.initWrite();
                call.setFd(fd_);
                memory.fill(call.initBuffer());
            }};
}

Call File::pread_call(std::size_t count, std::int64_t offset) const {
    return {fmt::format("pread({}, {}, offset {})", path_, count_of_bytes(count), offset),
            [this, count, offset](auto operation) {
                auto call = operation.initPread();
                call.setFd(fd_);
                call.setOffset(offset);
                Memory::room(count).fill(call.initBuffer());
            }};
}

Call File::pwrite_call(const Bytes &bytes, std::int64_t offset) const {
    return {fmt::format("pwrite({}, {}, offset {})", path_, count_of_bytes(bytes.size()), offset),
            [this, bytes, offset](auto operation) {
                auto call = operation.initPwrite();
                call.setFd(fd_);
                call.setOffset(offset);
                Memory::of(bytes).fill(call.initBuffer());
            }};
}

Call File::poll_call(short events, int timeout) const {
    return {fmt::format("poll({}, {:#x}, {} ms)", path_, events, timeout),
            [this, events, timeout](auto operation) {
                auto call = operation.initPoll();
                call.setFd(fd_);
                call.setEvents(events);
                call.setTimeout(timeout);
            }};
}

Observation File::read(std::size_t count) {
    return read(Memory::room(count));
}

Observation File::read(const Memory &memory) {
    return guest_->call(actor_, read_call(memory));
}

Observation File::pread(std::size_t count, std::int64_t offset) {
    return guest_->call(actor_, pread_call(count, offset));
}

Observation File::write(const Bytes &bytes) {
    return write(Memory::of(bytes));
}

Observation File::write(const Memory &memory) {
    return guest_->call(actor_, write_call(memory));
}

Observation File::pwrite(const Bytes &bytes, std::int64_t offset) {
    return guest_->call(actor_, pwrite_call(bytes, offset));
}

Observation File::read_times(std::size_t count, std::int64_t offset, std::uint32_t times) {
    Call call = pread_call(count, offset);
    call.times = times;
    return guest_->call(actor_, call, 60s);
}

Observation File::write_times(const Bytes &bytes, std::int64_t offset, std::uint32_t times) {
    Call call = pwrite_call(bytes, offset);
    call.times = times;
    return guest_->call(actor_, call, 60s);
}

Observation File::seek(std::int64_t offset, int whence) {
    return guest_->call(
        actor_,
        {fmt::format("lseek({}, {}, {})", path_, offset, whence_text(whence)), [&](auto operation) {
             auto call = operation.initLseek();
             call.setFd(fd_);
             call.setOffset(offset);
             call.setWhence(whence);
         }});
}

Observation File::ioctl(std::uint64_t request, const Memory &memory, std::string what) {
    if (what.empty())
        what = fmt::format("ioctl({}, {:#x}, {})", path_, request, memory.text());
    return guest_->call(actor_, {std::move(what), [&](auto operation) {
                                     auto call = operation.initIoctl();
                                     call.setFd(fd_);
                                     call.setRequest(request);
                                     memory.fill(call.initBuffer());
                                 }});
}

Call File::ioctl_value_call(std::uint64_t request, std::uint64_t value) const {
    return {fmt::format("ioctl({}, {:#x}, {})", path_, request, value),
            [fd = fd_, request, value](auto operation) {
                auto call = operation.initIoctlValue();
                call.setFd(fd);
                call.setRequest(request);
                call.setValue(value);
            }};
}

Observation File::ioctl_value(std::uint64_t request, std::uint64_t value) {
    return guest_->call(actor_, ioctl_value_call(request, value));
}

Pending File::start_ioctl_value(std::uint64_t request, std::uint64_t value) {
    return {*guest_, guest_->send(actor_, ioctl_value_call(request, value))};
}

Observation File::poll(short events, int timeout) {
    return guest_->call(actor_, poll_call(events, timeout));
}

Observation File::truncate(std::int64_t length) {
    return guest_->call(actor_,
                        {fmt::format("ftruncate({}, {})", path_, length), [&](auto operation) {
                             auto call = operation.initFtruncate();
                             call.setFd(fd_);
                             call.setLength(length);
                         }});
}

Observation File::sync() {
    return guest_->call(actor_, {fmt::format("fsync({})", path_),
                                 [&](auto operation) { operation.setFsync(fd_); }});
}

Call File::close_call() const {
    return {fmt::format("close({})", path_),
            [fd = fd_](auto operation) { operation.setClose(fd); }};
}

Observation File::close() {
    return guest_->call(actor_, close_call());
}

Pending File::start_close() {
    return {*guest_, guest_->send(actor_, close_call())};
}

Observation File::mmap(std::size_t length, int protection, int flags, std::int64_t offset) {
    return guest_->call(
        actor_, {fmt::format("mmap({}, {}, offset {})", path_, count_of_bytes(length), offset),
                 [&](auto operation) {
                     auto call = operation.initMmap();
                     call.setFd(fd_);
                     call.setLength(length);
                     call.setProtection(protection);
                     call.setFlags(flags);
                     call.setOffset(offset);
                 }});
}

Observation File::bind(const Bytes &address, const std::string &words) {
    return guest_->call(actor_, {fmt::format("bind({}, {})", path_, words), [&](auto operation) {
                                     auto call = operation.initBind();
                                     call.setSocket(fd_);
                                     call.setAddress(span(address));
                                 }});
}

Observation File::connect(const Bytes &address, const std::string &words) {
    return guest_->call(actor_, {fmt::format("connect({}, {})", path_, words), [&](auto operation) {
                                     auto call = operation.initConnect();
                                     call.setSocket(fd_);
                                     call.setAddress(span(address));
                                 }});
}

Pending File::start_read(std::size_t count) {
    return start_read(Memory::room(count));
}

Pending File::start_read(const Memory &memory) {
    return {*guest_, guest_->send(actor_, read_call(memory))};
}

Pending File::start_write(const Memory &memory) {
    return {*guest_, guest_->send(actor_, write_call(memory))};
}

Pending File::start_writes(const Memory &memory, std::uint32_t times) {
    Call call = write_call(memory);
    call.times = times;
    return {*guest_, guest_->send(actor_, call)};
}

Pending File::start_poll(short events, int timeout) {
    return {*guest_, guest_->send(actor_, poll_call(events, timeout))};
}

Racer File::racing_read(std::size_t count, std::chrono::nanoseconds after) const {
    return {actor_, read_call(Memory::room(count)), after};
}

Racer File::racing_write(const Memory &memory, std::chrono::nanoseconds after) const {
    return {actor_, write_call(memory), after};
}

Observation Process::open(const std::string &path, int flags, unsigned mode) {
    return call({fmt::format("open({}, {})", path, flags_text(flags)), [&](auto operation) {
                     auto request = operation.initOpen();
                     request.setPath(path);
                     request.setFlags(flags);
                     request.setMode(mode);
                 }});
}

Observation Process::socket(int domain, int type, int protocol) {
    return call({fmt::format("socket({}, {}, {})", domain, type, protocol), [&](auto operation) {
                     auto request = operation.initSocket();
                     request.setDomain(domain);
                     request.setType(type);
                     request.setProtocol(protocol);
                 }});
}

File Process::as_file(const Observation &opened, const std::string &path) {
    return {*this, static_cast<int>(opened.result), path};
}

namespace {

Call load_call(const std::string &name, const Bytes &image, const std::string &parameters,
               unsigned fail_nth = 0) {
    std::string what = fmt::format("insmod {}.ko", name);
    if (!parameters.empty())
        what += " " + printable(parameters);
    if (fail_nth > 0)
        what += fmt::format(" with its allocation {} failing", fail_nth);
    return {what, [&image, parameters, fail_nth](auto operation) {
                auto request = operation.initLoadModule();
                request.setImage(span(image));
                request.setParameters(parameters);
                request.setFailNth(fail_nth);
            }};
}

}  // namespace

Observation Process::load_module(const std::string &name, const Bytes &image,
                                 const std::string &parameters) {
    return call(load_call(name, image, parameters));
}

Pending Process::start_load_module(const std::string &name, const Bytes &image,
                                   const std::string &parameters) {
    return {*guest_, guest_->send(actor_, load_call(name, image, parameters))};
}

Observation Process::load_module_failing(const std::string &name, const Bytes &image, unsigned nth,
                                         const std::string &parameters) {
    return call(load_call(name, image, parameters, nth));
}

namespace {

Call unload_call(const std::string &name) {
    return {fmt::format("rmmod {}", name), [name](auto operation) {
                auto request = operation.initUnloadModule();
                request.setName(name);
                request.setFlags(O_NONBLOCK);
            }};
}

Call write_file_call(const std::string &path, std::string_view text) {
    return {fmt::format("echo {} > {}", printable(text), path),
            [path, bytes = to_bytes(text)](auto operation) {
                auto request = operation.initWriteFile();
                request.setPath(path);
                request.setData(span(bytes));
            }};
}

}  // namespace

Observation Process::unload_module(const std::string &name) {
    return call(unload_call(name));
}

Pending Process::start_unload_module(const std::string &name) {
    return {*guest_, guest_->send(actor_, unload_call(name))};
}

Observation Process::read_file(const std::string &path) {
    return call(
        {fmt::format("cat {}", path), [&](auto operation) { operation.setReadFile(path); }});
}

Observation Process::write_file(const std::string &path, std::string_view text) {
    return call(write_file_call(path, text));
}

Pending Process::start_write_file(const std::string &path, std::string_view text) {
    return {*guest_, guest_->send(actor_, write_file_call(path, text))};
}

Observation Process::lay_file(const std::string &path, const Bytes &bytes, unsigned mode) {
    // What one frame of the agent's protocol takes.
    constexpr std::size_t piece = std::size_t{512} << 10;
    Observation last = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    if (!last.ok())
        return last;
    File file = as_file(last, path);
    for (std::size_t at = 0; at < bytes.size() && last.ok(); at += piece) {
        const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        const auto count = std::min(piece, bytes.size() - at);
        last = file.write(Bytes(begin, begin + static_cast<std::ptrdiff_t>(count)));
        // A full disk takes what it has room for.
        if (last.ok() && last.result < static_cast<std::int64_t>(count)) {
            last.result = -1;
            last.error = ENOSPC;
        }
    }
    const Observation closed = file.close();
    if (last.ok())
        last = closed;
    last.what = fmt::format("{} into {}", count_of_bytes(bytes.size()), path);
    return last;
}

Observation Process::list_folder(const std::string &path) {
    return call(
        {fmt::format("ls {}", path), [&](auto operation) { operation.setListFolder(path); }});
}

Observation Process::stat(const std::string &path) {
    return call({fmt::format("stat({})", path), [&](auto operation) { operation.setStat(path); }});
}

Observation Process::mount(const std::string &type, const std::string &target) {
    return call({fmt::format("mount -t {} {}", type, target), [&](auto operation) {
                     auto request = operation.initMount();
                     request.setSource(type);
                     request.setTarget(target);
                     request.setType(type);
                 }});
}

Observation Process::make_folder(const std::string &path) {
    return call({fmt::format("mkdir {}", path), [&](auto operation) {
                     auto request = operation.initMkdir();
                     request.setPath(path);
                     request.setMode(0755);
                 }});
}

Observation Process::unlink(const std::string &path) {
    return call({fmt::format("rm {}", path), [&](auto operation) { operation.setUnlink(path); }});
}

namespace {

Call run_call(const std::vector<std::string> &argv, std::string_view input) {
    return {fmt::format("{}", fmt::join(argv, " ")), [&argv, input](auto operation) {
                auto request = operation.initRun();
                auto words = request.initArgv(static_cast<unsigned>(argv.size()));
                for (unsigned i = 0; i < argv.size(); ++i)
                    words.set(i, argv[i]);
                request.setInput(span(to_bytes(input)));
            }};
}

}  // namespace

Observation Process::run(const std::vector<std::string> &argv, std::string_view input) {
    return call(run_call(argv, input));
}

Pending Process::start_run(const std::vector<std::string> &argv) {
    return {*guest_, guest_->send(actor_, run_call(argv, {}))};
}

bool Process::flush_console(const std::string &mark) {
    // 2: KERN_CRIT, which no log level holds back.
    if (!write_file("/dev/kmsg", fmt::format("<2>{}\n", mark)).ok())
        return false;
    const auto deadline = guest_->now() + 10s;
    while (guest_->console().find(mark) == std::string::npos) {
        if (guest_->ended() || guest_->now() > deadline)
            return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

Observation Process::become(unsigned uid) {
    return call(
        {fmt::format("setresuid({})", uid), [&](auto operation) { operation.setUid(uid); }});
}

Observation Process::sleep(std::chrono::nanoseconds duration) {
    return call({fmt::format("sleep {} ms", duration.count() / 1000000), [&](auto operation) {
                     operation.setSleep(static_cast<std::uint64_t>(duration.count()));
                 }});
}

Observation Process::peek(std::uint32_t mapping, std::uint64_t offset, std::size_t length) {
    return call({fmt::format("read {} of a mapping at {}", count_of_bytes(length), offset),
                 [&](auto operation) {
                     auto request = operation.initPeek();
                     request.setMapping(mapping);
                     request.setOffset(offset);
                     request.setLength(length);
                 }});
}

Observation Process::poke(std::uint32_t mapping, std::uint64_t offset, const Bytes &bytes) {
    return call({fmt::format("write {} into a mapping at {}", count_of_bytes(bytes.size()), offset),
                 [&](auto operation) {
                     auto request = operation.initPoke();
                     request.setMapping(mapping);
                     request.setOffset(offset);
                     request.setData(span(bytes));
                 }});
}

Observation Process::munmap(std::uint32_t mapping) {
    return call({"munmap()", [&](auto operation) { operation.setMunmap(mapping); }});
}

std::vector<std::string> names(const Observation &listing) {
    std::vector<std::string> names;
    auto begin = listing.data.begin();
    for (auto end = begin; (end = std::find(begin, listing.data.end(), 0)) != listing.data.end();
         begin = end + 1)
        names.emplace_back(begin, end);
    return names;
}

std::string text(const Observation &read) {
    return {read.data.begin(), read.data.end()};
}

}  // namespace klass::guest
