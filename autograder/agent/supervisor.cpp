// SPDX-License-Identifier: Apache-2.0
#include "agent/supervisor.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>

#include "agent/actor.h"
#include "agent/buffers.h"
#include "agent/clock.h"
#include "agent/wire.h"

namespace klass::agent {

namespace {

using protocol::Request;

constexpr std::size_t limit_actors = 256;

struct Actor {
    pid_t pid = -1;
    int socket = -1;
    Shared *shared = nullptr;
    bool alive = false;
    protocol::FrameSplitter splitter;
};

class Supervisor {
  public:
    explicit Supervisor(int port) : port_(port), log_(open("/dev/kmsg", O_RDONLY | O_NONBLOCK)) {
        prepare_turns();
        actors_.emplace_back();  // number 0 is the agent itself
    }

    [[noreturn]] void serve() {
        for (;;) {
            std::vector<pollfd> fds{{port_, POLLIN, 0}};
            std::vector<std::size_t> who{0};
            for (std::size_t i = 1; i < actors_.size(); ++i)
                if (actors_[i].alive) {
                    fds.push_back({actors_[i].socket, POLLIN, 0});
                    who.push_back(i);
                }
            if (poll(fds.data(), fds.size(), -1) < 0)
                continue;
            for (std::size_t i = 1; i < fds.size(); ++i)
                if (fds[i].revents != 0)
                    from_actor(actors_[who[i]]);
            if (fds[0].revents != 0)
                from_host();
        }
    }

  private:
    void from_host() {
        if (!receive(port_, splitter_)) {
            // Nobody is connected on the host's side: a moment, not for ever.
            const timespec moment{0, 1000000};
            nanosleep(&moment, nullptr);
        }
        while (auto words = splitter_.next())
            dispatch(std::move(*words));
    }

    void dispatch(std::vector<capnp::word> words) {
        protocol::Frame frame(std::move(words));
        const auto request = frame.message().getRoot<Request>();
        Answer answer;
        if (request.getActor() == 0) {
            answer = carry_out(request);
        } else if (const Actor *actor = idle(request.getActor())) {
            actor->shared->start = 0;
            hand_over(*actor, request.getId(), protocol::to_frame(frame.words()));
            return;
        } else {
            answer = answer_of(-1);
        }
        answer.id = request.getId();
        send_to_host(port_, answer.frame());
    }

    // An actor that can be given something to do; else NULL, with errno.
    Actor *idle(std::uint32_t number) {
        Actor *actor = living(number);
        if (actor == nullptr || actor->shared->request == 0)
            return actor;
        errno = EBUSY;
        return nullptr;
    }

    static void hand_over(const Actor &actor, std::uint64_t id,
                          const std::vector<std::uint8_t> &frame) {
        actor.shared->request = id;
        send_frame(actor.socket, frame);
    }

    // Each actor sleeps until its own instant: from then on the kernel's timers
    // and scheduler alone decide, to the nanosecond of the guest.
    Answer race(Request::Operation::Race::Reader race) {
        const std::uint64_t base = nanoseconds_of(CLOCK_MONOTONIC) + race.getLead();
        Answer answer;
        for (const auto racer : race.getCalls()) {
            const auto request = racer.getRequest();
            const Actor *actor = idle(request.getActor());
            if (actor == nullptr)
                return answer_of(-1);
            actor->shared->start = base + racer.getAfter();
            actor->shared->period = racer.getPeriod();
            actor->shared->rounds = racer.getRounds();
            actor->shared->priority = static_cast<int>(++answer.result);
            capnp::MallocMessageBuilder message;
            message.setRoot(request);
            hand_over(*actor, request.getId(), protocol::to_frame(message));
        }
        return answer;
    }

    void from_actor(Actor &actor) {
        const bool open = receive(actor.socket, actor.splitter);
        while (const auto words = actor.splitter.next())
            send_to_host(port_, protocol::to_frame(*words));
        if (!open)
            bury(actor);
    }

    // A request that a dead actor leaves behind is answered for it: EOWNERDEAD
    // with the wait status, which no system call of an actor returns.
    void bury(Actor &actor) {
        int status = 0;
        while (waitpid(actor.pid, &status, 0) < 0 && errno == EINTR) {
        }
        close(actor.socket);
        actor.alive = false;
        if (actor.shared->request == 0)
            return;
        Answer answer;
        answer.id = actor.shared->request;
        answer.result = -1;
        answer.error = EOWNERDEAD;
        answer.extra = status;
        send_to_host(port_, answer.frame());
    }

    Answer carry_out(Request::Reader request) {
        const auto operation = request.getOperation();
        switch (operation.which()) {
            case Request::Operation::HELLO: {
                utsname name{};
                Answer answer = answer_of(uname(&name));
                const std::size_t length = std::strlen(name.release);
                answer.data.assign(name.release, name.release + length);
                answer.extra = protocol::VERSION;
                return answer;
            }
            case Request::Operation::SPAWN:
                return spawn();
            case Request::Operation::SIGNAL: {
                const auto call = operation.getSignal();
                const Actor *actor = living(call.getTarget());
                return answer_of(actor == nullptr ? -1 : kill(actor->pid, call.getNumber()));
            }
            case Request::Operation::INSPECT:
                return inspect(operation.getInspect());
            case Request::Operation::READ_LOG:
                return read_log();
            case Request::Operation::SET_CLOCK: {
                const timespec time = timespec_of(operation.getSetClock());
                return answer_of(clock_settime(CLOCK_REALTIME, &time));
            }
            case Request::Operation::OPEN_GATE:
                return open_gate(operation.getOpenGate());
            case Request::Operation::RACE:
                return race(operation.getRace());
            default:
                errno = EOPNOTSUPP;
                return answer_of(-1);
        }
    }

    Actor *living(std::uint32_t number) {
        errno = ESRCH;
        return number > 0 && number < actors_.size() && actors_[number].alive ? &actors_[number]
                                                                              : nullptr;
    }

    Answer spawn() {
        int sockets[2];
        if (actors_.size() > limit_actors) {
            errno = EAGAIN;
            return answer_of(-1);
        }
        void *memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
            return answer_of(-1);
        auto *shared = static_cast<Shared *>(memory);
        shared->descriptor = -1;
        const pid_t child = fork();
        if (child < 0)
            return answer_of(-1);
        if (child == 0) {
            close(log_);
            close(sockets[0]);
            for (const Actor &actor : actors_)
                if (actor.alive)
                    close(actor.socket);
            prctl(PR_SET_NAME, "actor");
            own_shared = shared;
            run_actor(sockets[1], port_);
        }
        close(sockets[1]);
        Actor &actor = actors_.emplace_back();
        actor.pid = child;
        actor.socket = sockets[0];
        actor.shared = shared;
        actor.alive = true;
        Answer answer;
        answer.result = static_cast<long>(actors_.size()) - 1;
        answer.extra = child;
        return answer;
    }

    Answer inspect(std::uint32_t number) {
        const Actor *actor = living(number);
        if (actor == nullptr)
            return answer_of(-1);
        Answer answer;
        for (const char *file : {"stat", "wchan", "syscall", "stack"}) {
            const std::string path = "/proc/" + std::to_string(actor->pid) + "/" + file;
            std::vector<std::uint8_t> text;
            read_whole(path.c_str(), text, 16 << 10);
            answer.data.insert(answer.data.end(), text.begin(), text.end());
            answer.data.push_back(0);
        }
        return answer;
    }

    // devkmsg_read() gives one record a read, with EPIPE where some were lost.
    Answer read_log() {
        Answer answer;
        char record[8192];
        while (answer.data.size() < protocol::limit_reply_data - sizeof record) {
            const ssize_t count = read(log_, record, sizeof record);
            if (count < 0 && errno == EPIPE) {
                ++answer.extra;
                continue;
            }
            if (count <= 0)
                break;
            answer.data.insert(answer.data.end(), record, record + count);
            answer.data.push_back(0);
            ++answer.result;
        }
        return answer;
    }

    Answer open_gate(std::uint32_t number) {
        const Actor *actor = living(number);
        if (actor == nullptr)
            return answer_of(-1);
        if (actor->shared->descriptor < 0) {
            errno = ENOENT;
            return answer_of(-1);
        }
        const int process = static_cast<int>(syscall(SYS_pidfd_open, actor->pid, 0));
        const int gate =
            static_cast<int>(syscall(SYS_pidfd_getfd, process, actor->shared->descriptor, 0));
        alignas(4096) static std::uint8_t page[4096];
        for (std::size_t i = 0; i < sizeof page; ++i)
            page[i] = actor->shared->contents[i];
        uffdio_copy copy{};
        copy.dst = actor->shared->page;
        copy.src = reinterpret_cast<std::uint64_t>(page);
        copy.len = sizeof page;
        const Answer answer = answer_of(ioctl(gate, UFFDIO_COPY, &copy));
        close(gate);
        close(process);
        return answer;
    }

    int port_;
    int log_;
    protocol::FrameSplitter splitter_;
    std::vector<Actor> actors_;
};

}  // namespace

void supervise(int port) {
    Supervisor(port).serve();
}

}  // namespace klass::agent
