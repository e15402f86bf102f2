// SPDX-License-Identifier: Apache-2.0
#include "agent/actor.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "agent/buffers.h"
#include "agent/clock.h"
#include "agent/wire.h"

namespace klass::agent {

namespace {

using protocol::Request;

/** What mmap returned, by the handle that the host knows it by. */
struct Mapping {
    void *address;
    std::size_t length;
};
std::vector<Mapping> mappings;

long fail(int error) {
    errno = error;
    return -1;
}

// When the system call that is being prepared begins, CLOCK_MONOTONIC ns; 0 for
// at once.
std::uint64_t due = 0;

void await_due() {
    if (due == 0)
        return;
    const timespec instant = timespec_of(due);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &instant, nullptr) == EINTR) {
    }
    due = 0;
}

/** Calls with a buffer, as often as was asked, and brings back what a read put into it. */
template <typename Call>
Answer with_buffer(protocol::Buffer::Reader description, std::uint32_t times, bool reads,
                   Call call) {
    const CallBuffer buffer(description);
    if (!buffer.ok())
        return answer_of(-1);
    await_due();
    Answer answer;
    const std::uint64_t start = nanoseconds_of(CLOCK_MONOTONIC_RAW);
    std::uint32_t done = 0;
    do {
        answer = answer_of(call(buffer.address(), buffer.claimed()));
        ++done;
    } while (answer.result >= 0 && done < times);
    answer.nanoseconds = nanoseconds_of(CLOCK_MONOTONIC_RAW) - start;
    answer.times = done;
    if (reads)
        answer.data = buffer.contents();
    return answer;
}

Answer map_file(Request::Operation::Mmap::Reader request) {
    void *address = mmap(nullptr, request.getLength(), request.getProtection(), request.getFlags(),
                         request.getFd(), request.getOffset());
    if (address == MAP_FAILED)
        return answer_of(-1);
    mappings.push_back({address, request.getLength()});
    // The mapping stays until the host asks to unmap it, or the process ends.
    // cppcheck-suppress memleak
    return answer_of(static_cast<long>(mappings.size()) - 1);
}

Mapping *mapping_at(std::uint32_t handle, std::uint64_t offset, std::uint64_t length) {
    if (handle >= mappings.size() || mappings[handle].address == nullptr ||
        offset > mappings[handle].length || length > mappings[handle].length - offset ||
        length > protocol::limit_reply_data)
        return nullptr;
    return &mappings[handle];
}

template <typename Word>
void copy_word(void *to, const void *from) {
    *static_cast<volatile Word *>(to) = *static_cast<const volatile Word *>(from);
}

// A register of a device is read and written as a whole, once.
void copy(void *to, const void *from, std::size_t length) {
    const auto aligned = [&](std::size_t size) {
        return length == size && reinterpret_cast<std::uintptr_t>(to) % size == 0 &&
               reinterpret_cast<std::uintptr_t>(from) % size == 0;
    };
    if (aligned(sizeof(std::uint32_t)))
        copy_word<std::uint32_t>(to, from);
    else if (aligned(sizeof(std::uint16_t)))
        copy_word<std::uint16_t>(to, from);
    else
        std::memcpy(to, from, length);
}

Answer peek(Request::Operation::Peek::Reader request) {
    const Mapping *mapping =
        mapping_at(request.getMapping(), request.getOffset(), request.getLength());
    if (mapping == nullptr)
        return answer_of(fail(EINVAL));
    Answer answer;
    const auto *bytes = static_cast<const std::uint8_t *>(mapping->address) + request.getOffset();
    answer.data.resize(request.getLength());
    copy(answer.data.data(), bytes, answer.data.size());
    answer.result = static_cast<long>(request.getLength());
    return answer;
}

Answer poke(Request::Operation::Poke::Reader request) {
    const auto data = request.getData();
    const Mapping *mapping = mapping_at(request.getMapping(), request.getOffset(), data.size());
    if (mapping == nullptr)
        return answer_of(fail(EINVAL));
    copy(static_cast<std::uint8_t *>(mapping->address) + request.getOffset(), data.begin(),
         data.size());
    return answer_of(static_cast<long>(data.size()));
}

Answer unmap(std::uint32_t handle) {
    const Mapping *mapping = mapping_at(handle, 0, 0);
    if (mapping == nullptr)
        return answer_of(fail(EINVAL));
    const long result = munmap(mapping->address, mapping->length);
    mappings[handle].address = nullptr;
    return answer_of(result);
}

Answer poll_one(Request::Operation::Poll::Reader request) {
    pollfd entry{request.getFd(), request.getEvents(), 0};
    const int result = poll(&entry, 1, request.getTimeout());
    return answer_of(result < 0 ? -1 : entry.revents);
}

Answer stat_path(const char *path) {
    struct stat status {};
    Answer answer = answer_of(stat(path, &status));
    if (answer.result == 0) {
        answer.result = status.st_mode;
        answer.extra = static_cast<std::int64_t>(status.st_rdev);
    }
    return answer;
}

Answer write_file(Request::Operation::WriteFile::Reader request) {
    const int fd = open(request.getPath().cStr(), O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return answer_of(-1);
    const auto data = request.getData();
    const Answer answer = answer_of(write(fd, data.begin(), data.size()));
    close(fd);
    return answer;
}

Answer list_folder(const char *path) {
    DIR *folder = opendir(path);
    if (folder == nullptr)
        return answer_of(-1);
    std::vector<std::string> names;
    while (const dirent *entry = readdir(folder)) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..")
            names.push_back(name);
    }
    closedir(folder);
    std::sort(names.begin(), names.end());
    Answer answer;
    for (const std::string &name : names)
        answer.data.insert(answer.data.end(), name.c_str(), name.c_str() + name.size() + 1);
    answer.result = static_cast<long>(names.size());
    return answer;
}

[[noreturn]] void exec_program(const std::vector<char *> &argv, int input, int output) {
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
}

// The program's input is a file that is whole before it starts, so that no two
// pipes can wait for each other.
Answer run_program(Request::Operation::Run::Reader request) {
    std::vector<std::string> words;
    for (const auto word : request.getArgv())
        words.emplace_back(word.cStr());
    if (words.empty())
        return answer_of(fail(EINVAL));
    std::vector<char *> argv;
    for (std::string &word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);

    int output[2];
    const int input = memfd_create("input", MFD_CLOEXEC);
    if (input < 0 || pipe2(output, O_CLOEXEC) < 0)
        return answer_of(-1);
    const auto data = request.getInput();
    if (write(input, data.begin(), data.size()) < 0 || lseek(input, 0, SEEK_SET) < 0)
        return answer_of(-1);
    const pid_t child = fork();
    if (child == 0)
        exec_program(argv, input, output[1]);
    close(input);
    close(output[1]);
    Answer answer;
    if (child < 0) {
        close(output[0]);
        return answer_of(-1);
    }
    std::uint8_t chunk[4096];
    ssize_t count = 0;
    while ((count = read(output[0], chunk, sizeof chunk)) > 0 || (count < 0 && errno == EINTR)) {
        const std::size_t room = protocol::limit_reply_data - answer.data.size();
        answer.data.insert(
            answer.data.end(), chunk,
            chunk + std::min(room, static_cast<std::size_t>(std::max<ssize_t>(count, 0))));
    }
    close(output[0]);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    answer.result = status;
    return answer;
}

// Between arming and disarming there is nothing but the call itself: any other
// system call of ours would use up, or suffer, the injected failure.
Answer load_module(Request::Operation::LoadModule::Reader request) {
    const std::string nth = std::to_string(request.getFailNth());
    const int switch_fd =
        request.getFailNth() > 0 ? open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC) : -1;
    if (request.getFailNth() > 0 &&
        (switch_fd < 0 || write(switch_fd, nth.c_str(), nth.size()) < 0))
        return answer_of(-1);
    Answer answer = answer_of(syscall(SYS_init_module, request.getImage().begin(),
                                      request.getImage().size(), request.getParameters().cStr()));
    if (switch_fd >= 0) {
        char left[16] = {};
        if (pread(switch_fd, left, sizeof left - 1, 0) > 0)
            answer.extra = std::strtol(left, nullptr, 10);
        if (pwrite(switch_fd, "0", 1, 0) < 0)
            answer.extra = -1;
        close(switch_fd);
    }
    return answer;
}

Answer sleep_for(std::uint64_t nanoseconds) {
    const timespec time = timespec_of(nanoseconds);
    return answer_of(nanosleep(&time, nullptr));
}

template <typename Call, typename Request>
Answer with_address(Call call, Request request) {
    sockaddr_storage address{};
    const auto bytes = request.getAddress();
    if (bytes.size() > sizeof address)
        return answer_of(fail(EINVAL));
    std::memcpy(&address, bytes.begin(), bytes.size());
    return answer_of(call(request.getSocket(), reinterpret_cast<const sockaddr *>(&address),
                          static_cast<socklen_t>(bytes.size())));
}

Answer carry_out(Request::Reader request) {
    const auto operation = request.getOperation();
    const std::uint32_t times = std::max<std::uint32_t>(request.getTimes(), 1);
    switch (operation.which()) {
        case Request::Operation::OPEN: {
            const auto call = operation.getOpen();
            return answer_of(open(call.getPath().cStr(), call.getFlags() | O_CLOEXEC,
                                  static_cast<mode_t>(call.getMode())));
        }
        case Request::Operation::CLOSE:
            return answer_of(close(operation.getClose()));
        case Request::Operation::READ: {
            const auto call = operation.getRead();
            return with_buffer(call.getBuffer(), times, true, [&](void *buffer, std::size_t count) {
                return syscall(SYS_read, call.getFd(), buffer, count);
            });
        }
        case Request::Operation::PREAD: {
            const auto call = operation.getPread();
            return with_buffer(call.getBuffer(), times, true, [&](void *buffer, std::size_t count) {
                return syscall(SYS_pread64, call.getFd(), buffer, count, call.getOffset());
            });
        }
        case Request::Operation::WRITE: {
            const auto call = operation.getWrite();
            return with_buffer(call.getBuffer(), times, false,
                               [&](void *buffer, std::size_t count) {
                                   return syscall(SYS_write, call.getFd(), buffer, count);
                               });
        }
        case Request::Operation::PWRITE: {
            const auto call = operation.getPwrite();
            return with_buffer(
                call.getBuffer(), times, false, [&](void *buffer, std::size_t count) {
                    return syscall(SYS_pwrite64, call.getFd(), buffer, count, call.getOffset());
                });
        }
        case Request::Operation::LSEEK: {
            const auto call = operation.getLseek();
            return answer_of(lseek(call.getFd(), call.getOffset(), call.getWhence()));
        }
        case Request::Operation::IOCTL: {
            const auto call = operation.getIoctl();
            return with_buffer(call.getBuffer(), times, true, [&](void *buffer, std::size_t) {
                return syscall(SYS_ioctl, call.getFd(), call.getRequest(), buffer);
            });
        }
        case Request::Operation::IOCTL_VALUE: {
            const auto call = operation.getIoctlValue();
            return answer_of(syscall(SYS_ioctl, call.getFd(), call.getRequest(), call.getValue()));
        }
        case Request::Operation::MMAP:
            return map_file(operation.getMmap());
        case Request::Operation::MUNMAP:
            return unmap(operation.getMunmap());
        case Request::Operation::PEEK:
            return peek(operation.getPeek());
        case Request::Operation::POKE:
            return poke(operation.getPoke());
        case Request::Operation::POLL:
            return poll_one(operation.getPoll());
        case Request::Operation::LOAD_MODULE:
            return load_module(operation.getLoadModule());
        case Request::Operation::UNLOAD_MODULE: {
            const auto call = operation.getUnloadModule();
            return answer_of(syscall(SYS_delete_module, call.getName().cStr(), call.getFlags()));
        }
        case Request::Operation::STAT:
            return stat_path(operation.getStat().cStr());
        case Request::Operation::MKDIR: {
            const auto call = operation.getMkdir();
            return answer_of(mkdir(call.getPath().cStr(), static_cast<mode_t>(call.getMode())));
        }
        case Request::Operation::MOUNT: {
            const auto call = operation.getMount();
            return answer_of(mount(call.getSource().cStr(), call.getTarget().cStr(),
                                   call.getType().cStr(), 0, nullptr));
        }
        case Request::Operation::UNLINK:
            return answer_of(unlink(operation.getUnlink().cStr()));
        case Request::Operation::RUN:
            return run_program(operation.getRun());
        case Request::Operation::READ_FILE: {
            Answer answer;
            const long result =
                read_whole(operation.getReadFile().cStr(), answer.data, protocol::limit_reply_data);
            answer.result = result;
            answer.error = result < 0 ? errno : 0;
            return answer;
        }
        case Request::Operation::WRITE_FILE:
            return write_file(operation.getWriteFile());
        case Request::Operation::LIST_FOLDER:
            return list_folder(operation.getListFolder().cStr());
        case Request::Operation::FTRUNCATE: {
            const auto call = operation.getFtruncate();
            return answer_of(ftruncate(call.getFd(), call.getLength()));
        }
        case Request::Operation::FSYNC:
            return answer_of(fsync(operation.getFsync()));
        case Request::Operation::SLEEP:
            return sleep_for(operation.getSleep());
        case Request::Operation::UID:
            return answer_of(setresuid(operation.getUid(), operation.getUid(), operation.getUid()));
        case Request::Operation::SOCKET: {
            const auto call = operation.getSocket();
            return answer_of(
                socket(call.getDomain(), call.getType() | SOCK_CLOEXEC, call.getProtocol()));
        }
        case Request::Operation::BIND:
            return with_address(bind, operation.getBind());
        case Request::Operation::CONNECT:
            return with_address(connect, operation.getConnect());
        case Request::Operation::HELLO:
        case Request::Operation::SPAWN:
        case Request::Operation::SIGNAL:
        case Request::Operation::INSPECT:
        case Request::Operation::READ_LOG:
        case Request::Operation::SET_CLOCK:
        case Request::Operation::OPEN_GATE:
        case Request::Operation::RACE:
            break;
    }
    return answer_of(fail(EOPNOTSUPP));
}

void schedule(int policy, int priority) {
    const sched_param parameters{priority};
    sched_setscheduler(0, policy, &parameters);
}

/** Whether carry_out() calls with_buffer() for it. */
bool takes_buffer(Request::Operation::Which operation) {
    return operation == Request::Operation::READ || operation == Request::Operation::PREAD ||
           operation == Request::Operation::WRITE || operation == Request::Operation::PWRITE ||
           operation == Request::Operation::IOCTL;
}

// Begins each round at the instant that was agreed upon, and in front of all who began before.
Answer carry_out_in_race(const protocol::Frame &frame) {
    schedule(SCHED_FIFO, own_shared->priority);
    Answer answer;
    std::uint64_t begin = own_shared->start;
    std::uint32_t round = 0;
    for (; round < own_shared->rounds && answer.result >= 0; ++round) {
        // Anew in each round: a message may be read only so often.
        capnp::FlatArrayMessageReader again({frame.words().data(), frame.words().size()});
        const auto request = again.getRoot<Request>();
        due = begin;
        // What fills a buffer takes longer than many a race.
        if (!takes_buffer(request.getOperation().which()))
            await_due();
        answer = carry_out(request);
        due = 0;
        begin += own_shared->period;
        if (answer.result >= 0 && own_shared->rounds > 1 && nanoseconds_of(CLOCK_MONOTONIC) > begin)
            answer = answer_of(fail(ETIME));
    }
    answer.times = round;
    schedule(SCHED_OTHER, 0);
    return answer;
}

}  // namespace

void run_actor(int socket, int port) {
    // So that a signal can end a system call, and not only a process.
    struct sigaction interrupt {};
    interrupt.sa_handler = [](int) {};
    sigaction(SIGUSR1, &interrupt, nullptr);
    protocol::FrameSplitter splitter;
    for (;;) {
        auto words = splitter.next();
        if (!words.has_value()) {
            if (!receive(socket, splitter))
                _exit(0);
            continue;
        }
        protocol::Frame frame(std::move(*words));
        const auto request = frame.message().getRoot<Request>();
        own_shared->request = request.getId();
        Answer answer = own_shared->start == 0 ? carry_out(request) : carry_out_in_race(frame);
        answer.id = request.getId();
        const auto reply = answer.frame();
        own_shared->request = 0;
        if (reply.size() <= whole_write)
            send_to_host(port, reply);
        else
            send_frame(socket, reply);
    }
}

}  // namespace klass::agent
