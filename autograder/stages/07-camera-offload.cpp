// SPDX-License-Identifier: Apache-2.0
// Stage 07: the camera offload. What it must do: exercises/07-camera-offload/README.md.
#include <camera_offload.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <numeric>
#include <sstream>

#include "guest/camera.h"
#include "judge/camera_machine.h"
#include "judge/pose_host.h"
#include "judge/trial.h"
#include "pose/figure.h"
#include "pose/joints.h"
#include "pose/png.h"
#include "stages/all_stages.h"
#include "util/lines.h"

namespace klass::stages {

namespace {

using namespace std::chrono_literals;
using guest::Memory;
using guest::Pending;
using judge::PoseConnection;
using judge::PoseHost;
using judge::Trial;

constexpr const char *node = "/dev/camera_offload";
constexpr const char *camera_node = "/dev/video0";
constexpr const char *module = "camera_offload";
constexpr unsigned usual_width = 320;
constexpr unsigned usual_height = 180;
constexpr unsigned usual_rate = 30;
constexpr unsigned buffers = 20;
/** What is to end has ended by then. */
constexpr auto soon = 2s;

/** Pictures that nobody has seen before. */
std::uint32_t choose_pictures(Trial &t) {
    const auto seed = static_cast<std::uint32_t>(t.random().between(1, UINT32_MAX));
    t.expect(t.process().write_file(judge::camera_seed, std::to_string(seed))).succeeds();
    return seed;
}

void unplug(Trial &t) {
    t.expect(t.process().write_file("/sys/bus/platform/drivers/vcam/unbind", "vcam")).succeeds();
}

/** The smallest picture, where another one would show no more: it is a third of the work. */
struct CameraWish {
    unsigned width = 160;
    unsigned height = 120;
    unsigned rate = usual_rate;
};

constexpr CameraWish small;
constexpr CameraWish usual{.width = usual_width, .height = usual_height};

std::string text_of(const pose::Keypoint &joint) {
    return fmt::format("{},{},{}", joint.y, joint.x, joint.score);
}

/** The key points of a result are those that the server sent, bit for bit. */
void expect_keypoints(Trial &t, const camera_offload_result &result, const pose::Keypoints &sent) {
    pose::Keypoints got;
    static_assert(sizeof got == sizeof result.keypoints);
    std::memcpy(&got, result.keypoints, sizeof got);
    for (std::size_t joint = 0; joint < sent.size(); ++joint)
        t.expect_that(bytes_of_struct(got[joint]) == bytes_of_struct(sent[joint]),
                      fmt::format("joint {} of frame {} is where the server said: {}", joint,
                                  result.sequence, text_of(sent[joint])),
                      fmt::format("it is at {}", text_of(got[joint])));
}

/** A process whose camera streams, and that has the device open. */
class Client {
  public:
    explicit Client(Trial &t, const CameraWish &wish = small, int flags = O_RDONLY)
        : process(t.another_process()),
          camera(t.open(process, camera_node, O_RDWR)),
          device(t.open(process, node, flags)),
          t_(t),
          nowhere_(t.open(process, "/dev/null", O_WRONLY)) {
        t.expect(camera.set_size(wish.width, wish.height)).returns(0);
        t.expect(camera.set_rate(wish.rate)).returns(0);
        t.expect(camera.request_buffers(buffers)).returns(0);
        for (unsigned index = 0; index < camera.buffers(); ++index) {
            dma_bufs_.push_back(static_cast<int>(
                t.expect(camera.export_buffer(index)).returns(0).observation().extra));
            t.expect(camera.queue(index)).returns(0);
        }
        t.expect(camera.stream(true)).returns(0);
    }

    /** The request that hands the camera over. */
    [[nodiscard]] camera_offload_start request(std::uint16_t port) const {
        camera_offload_start start = {};
        start.camera = camera.fd();
        start.buffers = static_cast<std::uint32_t>(dma_bufs_.size());
        std::copy(dma_bufs_.begin(), dma_bufs_.end(), start.dma_bufs);
        start.pixel_format = CAMERA_OFFLOAD_YUYV;
        start.width = static_cast<std::uint16_t>(camera.width());
        start.height = static_cast<std::uint16_t>(camera.height());
        inet_pton(AF_INET, vm::OwnNetwork::host_address, &start.address);
        start.port = htons(port);
        return start;
    }

    guest::Observation start(const camera_offload_start &request) {
        return device.ioctl(CAMERA_OFFLOAD_START, Memory::of(bytes_of_struct(request)),
                            "CAMERA_OFFLOAD_START");
    }
    /** What is asked to end, and does not soon, is seen to hang. */
    guest::Observation stop() {
        return device.start_ioctl_value(CAMERA_OFFLOAD_STOP, 0).wait(soon);
    }
    guest::Observation close() { return device.start_close().wait(soon); }
    /** Hands it over, and takes the connection that comes of it. */
    PoseConnection connect(PoseHost &host) {
        const camera_offload_start what = request(host.port());
        t_.expect(start(what)).returns(0);
        // Where the request lay, the program puts something else.
        t_.expect(nowhere_.write(Bytes(sizeof what, 'K'))).returns(sizeof what);
        return host.accept();
    }

    guest::Observation read_result() { return device.read(sizeof(camera_offload_result)); }
    /** What a read brought. */
    camera_offload_result expect_whole(const guest::Observation &read) {
        camera_offload_result result = {};
        t_.expect(read).returns(sizeof result);
        const Bytes bytes = read.got();
        t_.expect_that(bytes.size() == sizeof result, "the read brings what it says",
                       fmt::format("it brings {}", count_of_bytes(bytes.size())));
        std::memcpy(&result, bytes.data(), sizeof result);
        return result;
    }
    void expect_result(const pose::Frame &frame, const pose::Keypoints &keypoints) {
        const camera_offload_result result = expect_whole(read_result());
        t_.expect_that(result.sequence == frame.sequence,
                       fmt::format("the result is of frame {}", frame.sequence),
                       fmt::format("it is of frame {}", result.sequence));
        t_.expect_that(result.timestamp_ns == frame.timestamp_ns,
                       fmt::format("its time is that of the frame, {}", frame.timestamp_ns),
                       fmt::format("it is {}", result.timestamp_ns));
        expect_keypoints(t_, result, keypoints);
    }
    /** Nobody waits in vain: reads say the end, and poll tells so. */
    void expect_ended() {
        const auto hung_up = [&] {
            const auto polled = device.poll(POLLIN, 0);
            return polled.ok() && (polled.result & POLLHUP) != 0;
        };
        t_.expect_that(t_.comes_true(hung_up, soon),
                       fmt::format("poll of {} says POLLHUP within 2 s", node), "it does not");
        // What came before the end may be read first.
        auto read = read_result();
        if (read.result == sizeof(camera_offload_result))
            read = read_result();
        t_.expect(read).returns(0);
    }

    guest::Process process;
    guest::Camera camera;
    guest::File device;

  private:
    Trial &t_;
    guest::File nowhere_;
    std::vector<int> dma_bufs_;
};

/** Frames as they come: each is the camera's own, and none comes twice or late. */
class Watcher {
  public:
    Watcher(Trial &t, std::uint32_t seed, const CameraWish &wish)
        : t_(t), seed_(seed), width_(wish.width), height_(wish.height) {}
    Watcher(Trial &t, std::uint32_t seed, const Client &client)
        : Watcher(t, seed, {.width = client.camera.width(), .height = client.camera.height()}) {}

    pose::Frame next(PoseConnection &connection) {
        pose::Frame frame = connection.frame();
        t_.expect_that(frame.width == width_ && frame.height == height_,
                       fmt::format("the header says {}x{}", width_, height_),
                       fmt::format("it says {}x{}", frame.width, frame.height));
        t_.expect_that(!last_ || frame.sequence > *last_,
                       fmt::format("after frame {} comes a later one", last_.value_or(0)),
                       fmt::format("frame {} comes", frame.sequence));
        const Bytes expected = pose::figure_frame(seed_, frame.sequence, width_, height_).pixels;
        t_.expect_same(
            expected, frame.pixels,
            fmt::format("frame {} is what the camera showed, byte for byte", frame.sequence));
        last_ = frame.sequence;
        return frame;
    }

  private:
    Trial &t_;
    std::uint32_t seed_;
    unsigned width_;
    unsigned height_;
    std::optional<std::uint32_t> last_;
};

/** The module is loaded, and carries a camera's frames to us. */
struct Offload {
    explicit Offload(Trial &t, const CameraWish &wish = small, int flags = O_RDONLY)
        : seed(begin(t)),
          host(t),
          client(t, wish, flags),
          connection(client.connect(host)),
          watcher(t, seed, client) {}

    std::uint32_t seed;  ///< of the camera's pictures
    PoseHost host;
    Client client;
    PoseConnection connection;
    Watcher watcher;

  private:
    static std::uint32_t begin(Trial &t) {
        t.load(module);
        return choose_pictures(t);
    }
};

/** The server answers a frame; what it says is shown, by the device or the program. */
template <class Shower>
void expect_shown(Shower &shower, PoseHost &host, PoseConnection &connection,
                  const pose::Frame &frame) {
    const pose::Keypoints keypoints = host.random_keypoints();
    connection.answer(frame, keypoints);
    shower.expect_result(frame, keypoints);
}

void sends_frames(Trial &t) {
    auto [seed, host, client, connection, watcher] = Offload(t, usual);
    for (int i = 0; i < 20; ++i)
        connection.answer(watcher.next(connection), host.random_keypoints());
    t.note("20 frames come, each as the camera showed it");
}

void brings_results(Trial &t) {
    auto [seed, host, client, connection, watcher] = Offload(t);
    for (int i = 0; i < 5; ++i)
        expect_shown(client, host, connection, watcher.next(connection));
}

/** Frames with numbers that go once round, each newer than the one before: they wrap. */
std::array<pose::Frame, 2> once_round(const pose::Frame &frame) {
    constexpr std::uint32_t almost_half = INT32_MAX;
    std::array<pose::Frame, 2> frames{frame, frame};
    frames[0].sequence += almost_half;
    frames[1].sequence = frames[0].sequence + almost_half;
    return frames;
}

void keeps_the_newest(Trial &t) {
    auto [seed, host, client, connection, watcher] = Offload(t);
    const pose::Frame first = watcher.next(connection);
    const pose::Frame second = watcher.next(connection);
    const pose::Frame third = watcher.next(connection);
    const pose::Keypoints newest = host.random_keypoints();
    connection.answer(second, newest);
    client.expect_result(second, newest);
    // What comes late is older than what was shown.
    connection.answer(first, host.random_keypoints());
    t.expect(t.process().sleep(200ms)).returns(0);
    Pending read = client.device.start_read(sizeof(camera_offload_result));
    t.expect_blocks(read);
    const pose::Keypoints last = host.random_keypoints();
    connection.answer(third, last);
    const camera_offload_result result = client.expect_whole(read.wait());
    t.expect_that(result.sequence == third.sequence,
                  fmt::format("the read brings frame {}", third.sequence),
                  fmt::format("it brings frame {}", result.sequence));
    for (const pose::Frame &frame : once_round(third))
        expect_shown(client, host, connection, frame);
}

// The page that holds the second half of the read's memory is not there until we say so: the read
// stays half way, exactly where a missing lock lets a newer answer in.
void one_frame(Trial &t) {
    auto [seed, host, client, connection, watcher] = Offload(t);
    for (int round = 0; round < 2; ++round) {
        const std::array<pose::Frame, 2> frames{watcher.next(connection), watcher.next(connection)};
        const std::array<pose::Keypoints, 2> keypoints{host.random_keypoints(),
                                                       host.random_keypoints()};
        connection.answer(frames[0], keypoints[0]);
        t.expect(client.device.poll(POLLIN, -1)).returns(POLLIN);
        Pending read =
            client.device.start_read(Memory::of(Bytes(sizeof(camera_offload_result), 'K')).gated());
        t.expect_blocks(read);
        connection.answer(frames[1], keypoints[1]);
        // Nothing tells when it has come: a correct module may not take it before the read is over.
        t.expect(t.process().sleep(300ms)).returns(0);
        t.expect(client.process.open_gate()).succeeds();
        const camera_offload_result result = client.expect_whole(read.wait());
        const std::size_t which = result.sequence == frames[0].sequence ? 0 : 1;
        t.expect_that(
            result.sequence == frames.at(which).sequence,
            fmt::format("the result is of frame {} or {}", frames[0].sequence, frames[1].sequence),
            fmt::format("it is of frame {}", result.sequence));
        expect_keypoints(t, result, keypoints.at(which));
        if (which == 0)
            client.expect_result(frames[1], keypoints[1]);
    }
}

void polls(Trial &t) {
    auto [seed, host, client, connection, watcher] = Offload(t, small, O_RDONLY | O_NONBLOCK);
    for (int round = 0; round < 2; ++round) {
        const pose::Frame frame = watcher.next(connection);
        t.expect(client.read_result()).fails_with(EAGAIN);
        t.expect(client.device.poll(POLLIN, 0)).returns(0);
        Pending poll = client.device.start_poll(POLLIN, -1);
        t.expect_blocks(poll);
        const pose::Keypoints keypoints = host.random_keypoints();
        connection.answer(frame, keypoints);
        t.expect(poll.wait()).returns(POLLIN);
        client.expect_result(frame, keypoints);
    }
    Pending poll = client.device.start_poll(POLLIN, -1);
    t.expect_blocks(poll);
    connection.close();
    const auto polled = t.expect(poll.wait()).succeeds();
    t.expect_that((polled.value() & POLLHUP) != 0, "at the end it is POLLHUP",
                  fmt::format("it is {:#x}", polled.value()));
    t.expect(client.read_result()).returns(0);
}

/** The number after a name in a text of the kernel's. */
double number_after(const std::string &text, const std::string &name) {
    const std::size_t at = text.find(name);
    return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + name.size(), nullptr);
}

/** What the kernel holds for others that a module may forget to let go of. */
class Holdings {
  public:
    explicit Holdings(Trial &t)
        : t_(t), modules_(modules()), sockets_(sockets()), pages_(pages()), threads_(threads()) {
        t.pass_over_allocations();
    }

    /** All of it is let go of, memory included; the module is unloaded. */
    void expect_the_same() {
        // A socket ends when its last segment is acknowledged, and a file when its task is free.
        t_.comes_true(
            [&] { return modules() == modules_ && sockets() <= sockets_ && new_threads().empty(); },
            10s);
        const std::string now = modules();
        t_.expect_that(now == modules_,
                       "the camera's modules are held by as many as before: " + modules_,
                       "now they are " + now);
        t_.expect_that(sockets() <= sockets_, fmt::format("{} TCP sockets are left", sockets_),
                       fmt::format("there are {}", sockets()));
        t_.expect_that(pages() <= pages_, fmt::format("{} pages of programs are pinned", pages_),
                       fmt::format("there are {}", pages()));
        const std::vector<std::string> more = new_threads();
        t_.expect_that(more.empty(), "no thread of the kernel is left that was not there before",
                       fmt::format("there is {}", fmt::join(more, ", ")));
        t_.expect_nothing_left();
    }

  private:
    std::string modules() {
        std::string held;
        for (const char *name : {"vcam", "videobuf2_vmalloc"}) {
            const std::string count = t_.read_text(fmt::format("/sys/module/{}/refcnt", name));
            held += fmt::format("{} {}", name, count.substr(0, count.find('\n'))) + "; ";
        }
        return held;
    }
    /** "TCP: inuse 0 orphan 0 tw 1 alloc 3 mem 0" */
    int sockets() {
        const std::string text = t_.read_text("/proc/net/sockstat");
        return static_cast<int>(number_after(text.substr(text.find("TCP:")), "alloc "));
    }
    /** By pin_user_pages() and not yet unpinned: mm/gup.c. */
    int pages() {
        // Each processor counts for itself, and adds it up when it is told to: mm/vmstat.c.
        t_.expect(t_.process().write_file("/proc/sys/vm/stat_refresh", "1")).succeeds();
        const std::string text = t_.read_text("/proc/vmstat");
        return static_cast<int>(number_after(text, "nr_foll_pin_acquired ") -
                                number_after(text, "nr_foll_pin_released "));
    }
    /** The kernel's, in order, but for its workers, which come and go with work of all kinds. */
    std::vector<std::string> threads() {
        std::vector<std::string> found;
        // Each as proc_pid_stat(5) says, "12 (name) S 2 ...": the kernel's have the parent 2.
        const auto listed =
            t_.expect(t_.process().run({"/bin/sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null"}))
                .succeeds();
        for (const std::string &line : lines_of(guest::text(listed.observation()))) {
            const std::size_t begin = line.find('(') + 1;
            const std::size_t end = line.rfind(')');
            if (end == std::string::npos || line.substr(end).find(" 2 ") != 3)
                continue;
            if (std::string name = line.substr(begin, end - begin); !name.starts_with("kworker/"))
                found.push_back(std::move(name));
        }
        std::sort(found.begin(), found.end());
        return found;
    }
    std::vector<std::string> new_threads() {
        const std::vector<std::string> now = threads();
        std::vector<std::string> more;
        std::set_difference(now.begin(), now.end(), threads_.begin(), threads_.end(),
                            std::back_inserter(more));
        return more;
    }

    Trial &t_;
    std::string modules_;
    int sockets_;
    int pages_;
    std::vector<std::string> threads_;
};

void stops(Trial &t) {
    Holdings before(t);
    const std::uint32_t seed = choose_pictures(t);
    t.load(module);
    PoseHost host(t);
    Client client(t);
    for (int round = 0; round < 2; ++round) {
        PoseConnection connection = client.connect(host);
        Watcher watcher(t, seed, client);
        watcher.next(connection);
        t.expect(client.stop()).returns(0);
        connection.expect_end(soon);
        client.expect_ended();
    }
    // So soon that what was begun may not have run yet.
    for (int round = 0; round < 5; ++round) {
        t.expect(client.start(client.request(host.port()))).returns(0);
        t.expect(client.stop()).returns(0);
        client.expect_ended();
    }
    t.expect(client.close()).returns(0);
    t.expect(client.camera.file().close()).returns(0);
    t.expect(client.process.signal(SIGKILL)).returns(0);
    t.unload(module);
    before.expect_the_same();
}

void killed_client(Trial &t) {
    Holdings before(t);
    choose_pictures(t);
    t.load(module);
    PoseHost host(t);
    Client client(t);
    PoseConnection connection = client.connect(host);
    connection.frame();
    t.expect(t.try_unload(module)).fails_with(EWOULDBLOCK);
    t.expect(client.process.signal(SIGKILL)).returns(0);
    connection.expect_end(soon);
    connection.close();
    // The connection ends while the file is being released; the module is free after that.
    t.expect_that(t.comes_true([&] { return t.try_unload(module).ok(); }, soon),
                  "the module can then be unloaded within 2 s", "it is still in use");
    before.expect_the_same();
}

/** In how many ways a server goes away. */
enum class ServerEnd { close, reset, half_an_answer, half_a_frame };

constexpr std::array all_ends{ServerEnd::close, ServerEnd::reset, ServerEnd::half_an_answer,
                              ServerEnd::half_a_frame};

/** @param frame  the last that came */
void end_connection(Trial &t, PoseConnection &connection, ServerEnd end, const pose::Frame &frame) {
    switch (end) {
        case ServerEnd::close:
            t.note("the server closes the connection");
            connection.close();
            break;
        case ServerEnd::reset:
            t.note("the server resets the connection");
            connection.reset();
            break;
        case ServerEnd::half_an_answer: {
            Bytes answer = pose::to_wire(
                pose::Answer{.sequence = frame.sequence, .timestamp_ns = 0, .keypoints = {}});
            answer.resize(t.random().between(1, answer.size() - 1));
            t.note(fmt::format("the server closes the connection after {} of an answer",
                               count_of_bytes(answer.size())));
            connection.send(answer);
            connection.close();
            break;
        }
        case ServerEnd::half_a_frame: {
            const std::size_t part =
                t.random().between(1, sizeof(camera_offload_frame) + frame.pixels.size() - 1);
            connection.expect_bytes(part);
            t.note(fmt::format("the server closes the connection after {} of a frame",
                               count_of_bytes(part)));
            connection.close();
            break;
        }
    }
}

void server_gone(Trial &t) {
    choose_pictures(t);
    t.load(module);
    PoseHost host(t);
    Client client(t);
    for (const ServerEnd end : all_ends) {
        PoseConnection connection = client.connect(host);
        const pose::Frame frame = connection.frame();
        end_connection(t, connection, end, frame);
        client.expect_ended();
        t.expect(client.stop()).returns(0);
    }
}

void camera_gone(Trial &t) {
    choose_pictures(t);
    t.load(module);
    PoseHost host(t);
    Client client(t);
    PoseConnection connection = client.connect(host);
    connection.frame();
    unplug(t);
    connection.expect_end(soon);
    client.expect_ended();
}

void slow_server(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    t.load(module);
    PoseHost host(t);
    Client client(t, {.width = usual_width, .height = usual_height, .rate = 100});
    PoseConnection connection = client.connect(host);
    t.expect(t.process().sleep(1s)).returns(0);
    Watcher watcher(t, seed, client);
    // What the sockets and QEMU hold is some 26 frames, and behind them is one that had to wait.
    for (unsigned i = 0; i < 2 * buffers; ++i)
        watcher.next(connection);
    // Nobody reads: it comes to a stop within a frame, and stops all the same when told to.
    t.expect(t.process().sleep(1s)).returns(0);
    t.expect(client.stop()).returns(0);
    connection.expect_end(soon);
    PoseConnection another = client.connect(host);
    t.expect(t.process().sleep(1s)).returns(0);
    t.expect(client.close()).returns(0);
    another.expect_end(soon);
}

void refuses(Trial &t) {
    choose_pictures(t);
    t.load(module);
    PoseHost host(t);
    Client client(t);
    const auto expect_error = [&](int error, const auto &change) {
        camera_offload_start request = client.request(host.port());
        change(request);
        t.expect(client.start(request)).fails_with(error);
    };
    expect_error(EBADF, [](auto &request) { request.camera = 999; });
    expect_error(EBADF, [](auto &request) { request.dma_bufs[buffers - 1] = 999; });
    expect_error(EINVAL, [&](auto &request) { request.camera = client.device.fd(); });
    expect_error(EINVAL, [](auto &request) { request.dma_bufs[0] = request.camera; });
    expect_error(EINVAL, [](auto &request) { request.buffers = 0; });
    expect_error(EINVAL, [](auto &request) { request.buffers = CAMERA_OFFLOAD_MAX_BUFFERS + 1; });
    expect_error(EINVAL, [](auto &request) { request.buffers = UINT32_MAX; });
    expect_error(EINVAL, [](auto &request) { request.width = CAMERA_OFFLOAD_MAX_WIDTH + 2; });
    expect_error(EINVAL, [](auto &request) { request.height = CAMERA_OFFLOAD_MIN_SIDE - 1; });
    expect_error(EINVAL, [](auto &request) { request.width = 1280, request.height = 720; });
    expect_error(EINVAL, [](auto &request) { request.pixel_format = 0; });
    expect_error(EINVAL, [](auto &request) { request.reserved = 1; });
    expect_error(EINVAL, [](auto &request) { --request.width; });
    {
        // Another program that only has the camera open has no say in what its owner streams.
        guest::File other = t.open(client.process, camera_node, O_RDWR);
        expect_error(EINVAL, [&](auto &request) { request.camera = other.fd(); });
        t.expect(other.close()).returns(0);
    }
    t.expect(client.device.ioctl(CAMERA_OFFLOAD_START, Memory::at(0x1000, 8),
                                 "CAMERA_OFFLOAD_START from a bad address"))
        .fails_with(EFAULT);
    t.expect(client.device.ioctl_value(0x1234, 0)).fails_with_one_of(std::array{ENOTTY, EINVAL});
    t.expect(client.read_result()).returns(0);
    host.leave();
    expect_error(ECONNREFUSED, [](auto &) {});
    host.come_back();
    PoseConnection connection = client.connect(host);
    expect_error(EBUSY, [](auto &) {});
    t.expect(client.device.read(sizeof(camera_offload_result) - 1)).fails_with(EINVAL);
    connection.frame();
}

void takes_buffers_away(Trial &t) {
    choose_pictures(t);
    t.load(module);
    PoseHost host(t);
    Client client(t);
    PoseConnection connection = client.connect(host);
    connection.frame();
    t.expect(client.camera.stream(false)).returns(0);
    connection.expect_end(soon);
    client.expect_ended();
}

struct WrongAnswer {
    std::string what;
    Bytes bytes;
};

/**
 * Answers with one number in the header that cannot be, next to what can or far from it. All else
 * in them is right: who does not look at this number finds nothing wrong.
 */
std::vector<WrongAnswer> wrong_answers(Trial &t) {
    const Bytes right = pose::to_wire(pose::Answer{.sequence = UINT32_MAX / 4, .keypoints = {}});
    std::vector<WrongAnswer> answers;
    const auto add = [&](const std::string &field, auto camera_offload_answer::*member,
                         std::uint64_t wrong) {
        camera_offload_answer header;
        std::memcpy(&header, right.data(), sizeof header);
        header.*member = static_cast<std::remove_reference_t<decltype(header.*member)>>(wrong);
        Bytes bytes = right;
        std::memcpy(bytes.data(), &header, sizeof header);
        answers.push_back({fmt::format("{} {}", field, wrong), std::move(bytes)});
    };
    const auto add_around = [&](const std::string &field, auto camera_offload_answer::*member,
                                std::uint64_t least, std::uint64_t most) {
        add(field, member, least - 1);
        add(field, member, most + 1);
    };
    add("magic", &camera_offload_answer::magic, CAMERA_OFFLOAD_FRAME_MAGIC);
    add("magic", &camera_offload_answer::magic,
        CAMERA_OFFLOAD_ANSWER_MAGIC ^ t.random().between(1, UINT32_MAX));
    add_around("version", &camera_offload_answer::version, CAMERA_OFFLOAD_VERSION,
               CAMERA_OFFLOAD_VERSION);
    add_around("header_bytes", &camera_offload_answer::header_bytes, sizeof(camera_offload_answer),
               CAMERA_OFFLOAD_MAX_HEADER_BYTES);
    add_around("payload_bytes", &camera_offload_answer::payload_bytes,
               CAMERA_OFFLOAD_ANSWER_PAYLOAD_BYTES, CAMERA_OFFLOAD_ANSWER_PAYLOAD_BYTES);
    add("payload_bytes", &camera_offload_answer::payload_bytes,
        t.random().between(UINT16_MAX, UINT32_MAX));
    return answers;
}

void send_wrong(Trial &t, PoseConnection &connection, const WrongAnswer &wrong) {
    t.note(fmt::format("the server answers with {}", wrong.what));
    connection.send(wrong.bytes);
    connection.expect_end(soon);
}

void hostile_answers(Trial &t) {
    choose_pictures(t);
    t.load(module);
    PoseHost host(t);
    Client client(t);
    for (const WrongAnswer &wrong : wrong_answers(t)) {
        PoseConnection connection = client.connect(host);
        connection.frame();
        send_wrong(t, connection, wrong);
        client.expect_ended();
        t.expect(client.stop()).returns(0);
    }
}

/** An answer as a later version may send it, with a longer header, and in pieces. */
void send_in_pieces(Trial &t, PoseConnection &connection, const pose::Frame &frame,
                    const pose::Keypoints &keypoints) {
    constexpr std::size_t header = sizeof(camera_offload_answer);
    constexpr std::uint8_t more = 17;
    Bytes answer = pose::to_wire(pose::Answer{
        .sequence = frame.sequence, .timestamp_ns = frame.timestamp_ns, .keypoints = keypoints});
    answer[6] = header + more;
    const Bytes unknown = t.random().bytes(more);
    answer.insert(answer.begin() + header, unknown.begin(), unknown.end());
    for (std::size_t at = 0; at < answer.size();) {
        const std::size_t end =
            std::min<std::size_t>(at + t.random().between(1, 60), answer.size());
        connection.send(Bytes(answer.begin() + static_cast<std::ptrdiff_t>(at),
                              answer.begin() + static_cast<std::ptrdiff_t>(end)));
        t.expect(t.process().sleep(5ms)).returns(0);
        at = end;
    }
}

void in_pieces(Trial &t) {
    choose_pictures(t);
    t.load(module);
    PoseHost host(t);
    Client client(t);
    PoseConnection connection = client.connect(host);
    const pose::Frame frame = connection.frame();
    const pose::Keypoints keypoints = host.random_keypoints();
    send_in_pieces(t, connection, frame, keypoints);
    client.expect_result(frame, keypoints);
}

void failed_init(Trial &t) {
    t.pass_over_allocations();
    constexpr unsigned depth = 8;
    t.expect_clean_failure_of_each_allocation(module, {}, depth);
    t.expect_nothing_left();
}

// --- Part A: the client

constexpr const char *client_program = "camera_client";
constexpr const char *output_file = "/tmp/out";
const std::string small_size = fmt::format("--size {}x{} ", small.width, small.height);

std::vector<std::string> words_of(const std::string &text, char separator) {
    std::vector<std::string> words;
    std::istringstream stream(text);
    for (std::string word; std::getline(stream, word, separator);)
        words.push_back(word);
    return words;
}

/** The student's client, while it runs; its output goes into a file of the guest. */
class Program {
  public:
    Program(Trial &t, const std::string &arguments)
        : t_(t),
          process_(t.another_process()),
          run_(process_.start_run(
              {"/bin/sh", "-c",
               fmt::format("echo $$ >/tmp/pid; exec {} {} >{} 2>/tmp/err",
                           t.install(client_program), arguments, output_file)})) {}

    /** The lines that it has printed, each of them whole. */
    std::vector<std::string> lines() {
        const auto read = t_.process().read_file(output_file);
        std::string text = read.ok() ? guest::text(read) : std::string();
        text.resize(text.rfind('\n') + 1);  // of what is not there yet, nothing: npos + 1
        return lines_of(text);
    }

    void send(int signal) {
        const std::string pid = t_.read_text("/tmp/pid");
        t_.expect(
              t_.process().run({"/bin/sh", "-c",
                                fmt::format("kill -{} {}", signal, pid.substr(0, pid.find('\n')))}))
            .returns(0);
    }

    /** It ends by itself, soon, with this status. */
    void expect_exit(int status) {
        const auto ended = run_.wait(soon + 1s);
        const bool exited = ended.ok() && WIFEXITED(static_cast<int>(ended.result));
        const int code = exited ? WEXITSTATUS(static_cast<int>(ended.result)) : -1;
        t_.expect_that(
            exited && code == status, fmt::format("{} ends with status {}", client_program, status),
            !ended.ok() ? std::string("it runs on")
            : exited    ? fmt::format("it ends with {}; it said: {}", code, said())
                     : fmt::format("signal {} ends it", WTERMSIG(static_cast<int>(ended.result))));
    }
    void expect_running() {
        t_.expect_that(!run_.returned(), fmt::format("{} goes on", client_program),
                       fmt::format("it ended; it said: {}", said()));
    }

    /** Its next line is this result. */
    void expect_result(const pose::Frame &frame, const pose::Keypoints &keypoints) {
        const std::size_t at = shown_++;
        t_.expect_that(t_.comes_true([&] { return lines().size() > at; }, 5s),
                       fmt::format("a line comes for frame {}", frame.sequence), "none comes");
        const std::string line = lines()[at];
        const std::vector<std::string> words = words_of(line, ' ');
        t_.expect_that(words.size() == 18,
                       "a line has the sequence number and 17 times Y,X,SCORE, with spaces between",
                       fmt::format("it is \"{}\"", line.substr(0, 100)));
        t_.expect_that(words[0] == std::to_string(frame.sequence),
                       fmt::format("the line is of frame {}", frame.sequence),
                       fmt::format("it is of frame {}", words[0]));
        for (std::size_t joint = 0; joint < keypoints.size(); ++joint) {
            const pose::Keypoint &sent = keypoints[joint];
            t_.expect_that(
                same_point(words[joint + 1], sent),
                fmt::format("joint {} is where the server said: {}", joint, text_of(sent)),
                fmt::format("the line says {}", words[joint + 1]));
        }
    }

  private:
    static bool same_point(const std::string &word, const pose::Keypoint &sent) {
        const std::vector<std::string> numbers = words_of(word, ',');
        const std::array<float, 3> expected{sent.y, sent.x, sent.score};
        if (numbers.size() != expected.size())
            return false;
        for (std::size_t i = 0; i < expected.size(); ++i)
            if (std::strtof(numbers[i].c_str(), nullptr) != expected[i])
                return false;
        return true;
    }
    std::string said() {
        const auto read = t_.process().read_file("/tmp/err");
        return read.ok() ? guest::text(read).substr(0, 300) : "nothing";
    }

    Trial &t_;
    guest::Process process_;
    Pending run_;
    std::size_t shown_ = 0;
};

void client_sends(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    Program program(t, host.address());
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, usual);
    for (int i = 0; i < 20; ++i)
        connection.answer(watcher.next(connection), host.random_keypoints());
    t.note("20 frames come, each as the camera showed it");
}

void client_negotiates(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    // The camera has no such size: 160x120 is next to it.
    Program program(t, "--size 170x100 --rate 10 " + host.address());
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, small);
    for (int i = 0; i < 3; ++i)
        watcher.next(connection);
    // What the frames say of it depends on how busy the host is.
    guest::Camera camera(t.open(camera_node, O_RDWR));
    t.expect(camera.ask_rate()).returns(0);
    t.expect_that(camera.rate() == 10, "the camera runs at 10 frames a second",
                  fmt::format("it runs at {}", camera.rate()));
}

/** A frame as it came here, and the key points that the client printed for it. */
judge::Picture picture_of(const pose::Frame &frame, const pose::Keypoints &keypoints) {
    // Nose, eyes and ears: names would stand upon each other.
    constexpr std::size_t face = 5;
    judge::Picture picture{
        .title = fmt::format("Frame {} as the server got it, and its key points as the client "
                             "printed them",
                             frame.sequence),
        .width = frame.width,
        .height = frame.height,
        .png = pose::png_of(frame),
        .marks = {}};
    for (std::size_t joint = 0; joint < keypoints.size(); ++joint)
        picture.marks.push_back({.x = keypoints.at(joint).x,
                                 .y = keypoints.at(joint).y,
                                 .label = joint < face ? "" : pose::joints.at(joint).name,
                                 .towards = pose::joints.at(joint).towards});
    return picture;
}

void client_shows(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    Program program(t, small_size + host.address());
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, small);
    for (int i = 0; i < 3; ++i)
        expect_shown(program, host, connection, watcher.next(connection));
    const pose::Frame frame = watcher.next(connection);
    const pose::Keypoints joints = pose::figure_joints(seed, frame.sequence);
    connection.answer(frame, joints);
    program.expect_result(frame, joints);
    t.picture(picture_of(frame, joints));
}

void client_drops_late(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    Program program(t, small_size + host.address());
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, small);
    const pose::Frame first = watcher.next(connection);
    const pose::Frame second = watcher.next(connection);
    const pose::Frame third = watcher.next(connection);
    const pose::Keypoints of_second = host.random_keypoints();
    const pose::Keypoints of_third = host.random_keypoints();
    connection.answer(second, of_second);
    connection.answer(first, host.random_keypoints());
    connection.answer(second, host.random_keypoints());
    connection.answer(third, of_third);
    program.expect_result(second, of_second);
    program.expect_result(third, of_third);
    for (const pose::Frame &frame : once_round(third))
        expect_shown(program, host, connection, frame);
}

void client_takes_pieces(Trial &t) {
    choose_pictures(t);
    PoseHost host(t);
    Program program(t, small_size + host.address());
    PoseConnection connection = host.accept();
    const pose::Frame frame = connection.frame();
    const pose::Keypoints keypoints = host.random_keypoints();
    send_in_pieces(t, connection, frame, keypoints);
    program.expect_result(frame, keypoints);
}

void client_waits_for_server(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    host.leave();
    Program program(t, small_size + host.address());
    t.expect(t.process().sleep(1500ms)).returns(0);
    program.expect_running();
    host.come_back();
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, small);
    watcher.next(connection);
    host.leave();
    connection.reset();
    t.expect(t.process().sleep(700ms)).returns(0);
    program.expect_running();
    program.send(SIGINT);
    program.expect_exit(0);
}

void client_survives_server(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    Program program(t, small_size + host.address());
    for (const ServerEnd end : all_ends) {
        PoseConnection connection = host.accept();
        // The client may have opened its camera anew, which then counts from 0 again.
        Watcher watcher(t, seed, small);
        const pose::Frame frame = watcher.next(connection);
        expect_shown(program, host, connection, frame);
        end_connection(t, connection, end, frame);
    }
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, small);
    watcher.next(connection);
    program.expect_running();
}

void client_refuses_answers(Trial &t) {
    choose_pictures(t);
    PoseHost host(t);
    Program program(t, small_size + host.address());
    for (const WrongAnswer &wrong : wrong_answers(t)) {
        PoseConnection connection = host.accept();
        const pose::Frame frame = connection.frame();
        expect_shown(program, host, connection, frame);
        send_wrong(t, connection, wrong);
    }
    PoseConnection connection = host.accept();
    expect_shown(program, host, connection, connection.frame());
}

void client_waits_for_room(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    Program program(t, "--rate 100 " + host.address());
    PoseConnection connection = host.accept();
    t.expect(t.process().sleep(1s)).returns(0);
    Watcher watcher(t, seed, usual);
    // What the sockets and QEMU hold is some 26 frames, and behind them is one that had to wait.
    for (unsigned i = 0; i < 2 * buffers; ++i)
        watcher.next(connection);
    t.note("the server reads no more");
    t.expect(t.process().sleep(1s)).returns(0);
    program.send(SIGTERM);
    program.expect_exit(0);
}

void client_counts(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    Program program(t, small_size + "--frames 7 " + host.address());
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, small);
    std::vector<pose::Frame> frames;
    for (int i = 0; i < 7; ++i)
        frames.push_back(watcher.next(connection));
    // Those that are still to be answered are answered, after the last frame.
    for (const pose::Frame &frame : frames)
        expect_shown(program, host, connection, frame);
    connection.expect_end(soon);
    connection.close();
    program.expect_exit(0);
}

void client_without_camera(Trial &t) {
    choose_pictures(t);
    PoseHost host(t);
    {
        Program program(t, host.address());
        PoseConnection connection = host.accept();
        connection.frame();
        unplug(t);
        connection.expect_end(soon);
        program.expect_exit(1);
    }
    Program program(t, host.address());
    program.expect_exit(1);
    Program called_wrongly(t, "10.0.2.2");
    called_wrongly.expect_exit(2);
}

void client_offloads(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    t.load(module);
    PoseHost host(t);
    Program program(t, small_size + "--offload " + host.address());
    for (int round = 0; round < 2; ++round) {
        PoseConnection connection = host.accept();
        Watcher watcher(t, seed, small);
        for (int i = 0; i < 4; ++i)
            expect_shown(program, host, connection, watcher.next(connection));
    }
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, small);
    watcher.next(connection);
    program.send(SIGINT);
    connection.expect_end(soon);
    program.expect_exit(0);
    t.unload(module);
}

/** At a camera's 30 frames a second, with a server that keeps up, no frame is lost. */
void expect_all(Trial &t, PoseHost &host, PoseConnection &connection, Watcher &watcher) {
    constexpr std::uint32_t frames = 45;
    // The camera streams before there is a connection, and has its buffers to put frames into.
    for (unsigned i = 0; i < buffers; ++i)
        watcher.next(connection);
    std::uint32_t before = watcher.next(connection).sequence;
    for (std::uint32_t i = 0; i < frames; ++i) {
        const pose::Frame frame = watcher.next(connection);
        t.expect_that(frame.sequence == before + 1, fmt::format("frame {} comes", before + 1),
                      fmt::format("frame {} comes", frame.sequence));
        before = frame.sequence;
        connection.answer(frame, host.random_keypoints());
    }
}

void client_keeps_up(Trial &t) {
    const std::uint32_t seed = choose_pictures(t);
    PoseHost host(t);
    Program program(t, host.address());
    PoseConnection connection = host.accept();
    Watcher watcher(t, seed, usual);
    expect_all(t, host, connection, watcher);
}

void offload_keeps_up(Trial &t) {
    auto [seed, host, client, connection, watcher] = Offload(t, usual);
    expect_all(t, host, connection, watcher);
}

// --- what it costs

// On the machine that counts instructions, each takes two nanoseconds.
constexpr double ns_per_instruction = 2;
constexpr std::array<std::pair<unsigned, unsigned>, 3> measured_sizes = {
    {{160, 120}, {320, 180}, {320, 240}}};

constexpr unsigned measured_rate = 60;
// More than a machine can draw that takes two nanoseconds for an instruction.
constexpr unsigned too_high_rate = 100'000;

/** What /proc/timer_list says, in nanoseconds of the guest's monotonic clock. */
struct Moment {
    double now = 0;
    double busy = 0;  ///< for how long the processor was, so far
};

Moment this_moment(Trial &t) {
    const std::string text = t.read_text("/proc/timer_list");
    const double now = number_after(text, "now at ");
    const double idle = number_after(text, ".idle_sleeptime :");
    t.expect_that(idle > 0, "/proc/timer_list says how long the processor was idle", "it does not");
    return {.now = now, .busy = now - idle};
}

/**
 * Instructions that the whole machine spends on a frame, all that belongs to it included. Which
 * frames were taken in the time that is measured, they say themselves: when they come here depends
 * on how busy the host is.
 */
double instructions_a_frame(Trial &t, PoseHost &host, PoseConnection &connection) {
    constexpr int warm = 10;
    constexpr int measured = 45;
    int taken = 0;
    const auto take = [&] {
        t.expect_that(++taken < 10 * measured,
                      "the header of a frame says when the camera took it: timestamp_ns",
                      "no frame is of the time in which it came");
        const pose::Frame frame = connection.frame();
        connection.answer(frame, host.random_keypoints());
        return static_cast<double>(frame.timestamp_ns);
    };
    for (int i = 0; i < warm; ++i)
        take();
    const Moment begin = this_moment(t);
    int frames = 0;
    while (frames < measured)
        frames += take() > begin.now ? 1 : 0;
    const Moment end = this_moment(t);
    while (take() <= end.now)
        ++frames;
    return (end.busy - begin.busy) / ns_per_instruction / frames;
}

/**
 * Frames a second of the guest's that come when the camera takes more than anybody can carry, by
 * what they say of themselves.
 */
double most_frames_a_second(Trial &t, PoseHost &host, PoseConnection &connection) {
    constexpr int measured = 25;
    const auto take = [&] {
        const pose::Frame frame = connection.frame();
        connection.answer(frame, host.random_keypoints());
        return static_cast<double>(frame.timestamp_ns);
    };
    // The first have been waiting for the connection.
    for (unsigned i = 0; i < buffers; ++i)
        take();
    const double begin = take();
    double end = begin;
    for (int i = 0; i < measured; ++i)
        end = take();
    t.expect_that(end > begin, "the header of a frame says when the camera took it: timestamp_ns",
                  "later frames are not later");
    constexpr double ns_per_second = 1e9;
    return measured * ns_per_second / (end - begin);
}

double sum_of(const std::vector<double> &values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

using Measure = double(Trial &, PoseHost &, PoseConnection &);

/** One figure for each size, by the client and by the kernel, from the same pictures. */
std::array<judge::Curve, 2> by_both(Trial &t, PoseHost &host, unsigned rate, Measure measure) {
    judge::Curve by_client{.name = "client"};
    judge::Curve by_kernel{.name = "offload"};
    for (const auto &[width, height] : measured_sizes) {
        {
            Program program(
                t, fmt::format("--rate {} --size {}x{} {}", rate, width, height, host.address()));
            PoseConnection connection = host.accept();
            by_client.values.push_back(measure(t, host, connection));
            program.send(SIGTERM);
            connection.expect_end(soon);
            program.expect_exit(0);
        }
        Client client(t, {.width = width, .height = height, .rate = rate});
        PoseConnection connection = client.connect(host);
        by_kernel.values.push_back(measure(t, host, connection));
        t.expect(client.close()).returns(0);
        t.expect(client.camera.file().close()).returns(0);
    }
    return {by_client, by_kernel};
}

void cost(Trial &t) {
    choose_pictures(t);
    t.load(module);
    PoseHost host(t);
    std::vector<double> bytes;
    for (const auto &[width, height] : measured_sizes)
        bytes.push_back(2.0 * width * height);
    const auto instructions = by_both(t, host, measured_rate, instructions_a_frame);
    t.table({.title = "What a frame costs, by the client and by the kernel",
             .x_axis = "bytes",
             .unit = "instructions",
             .x = bytes,
             .curves = {instructions.begin(), instructions.end()}});
    const auto rates = by_both(t, host, too_high_rate, most_frames_a_second);
    t.table({.title = "How many frames a second they carry at most",
             .x_axis = "bytes",
             .unit = "frames a second",
             .x = bytes,
             .curves = {rates.begin(), rates.end()}});
    // Of one size, what is saved is some three times the noise: all of them together tell.
    const double client = sum_of(instructions[0].values);
    const double kernel = sum_of(instructions[1].values);
    t.expect_that(
        kernel < client, "a frame of each size, all together, costs less through the kernel",
        fmt::format("they cost {:.0f} instructions by the client, and {:.0f} so", client, kernel));
}

}  // namespace

judge::Stage camera_offload() {
    judge::Stage stage("07-camera-offload");
    stage.check("client-sends", client_sends)
        .check("client-negotiates", client_negotiates)
        .check("client-shows", client_shows)
        .check("client-late", client_drops_late)
        .check("client-pieces", client_takes_pieces)
        .check("client-waits", client_waits_for_server)
        .check("client-survives", client_survives_server)
        .check("client-hostile", client_refuses_answers)
        .check("client-blocked", client_waits_for_room)
        .check("client-counts", client_counts)
        .check("client-camera", client_without_camera)
        .check("client-keeps-up", client_keeps_up)
        .check("sends-frames", sends_frames)
        .check("brings-results", brings_results)
        .check("newest", keeps_the_newest)
        .check("one-frame", one_frame)
        .check("polls", polls)
        .check("in-pieces", in_pieces)
        .check("keeps-up", offload_keeps_up)
        .check("refuses", refuses)
        .check("stops", stops)
        .check("killed", killed_client)
        .check("server-gone", server_gone)
        .check("hostile-answers", hostile_answers)
        .check("slow-server", slow_server)
        .check("camera-gone", camera_gone)
        .check("camera-stopped", takes_buffers_away)
        .check("client-offloads", client_offloads)
        .check("failed-init", failed_init)
        .check("cost", cost);
    return stage;
}

}  // namespace klass::stages
