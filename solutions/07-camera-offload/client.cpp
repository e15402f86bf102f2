// SPDX-License-Identifier: Apache-2.0
// camera_client: shows what a pose server sees in the camera's frames.
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/ioctl.h>

#include <atomic>
#include <bit>
#include <charconv>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "camera.hpp"
#include "connection.hpp"
#include "descriptor.hpp"

namespace {

struct Options {
    std::string camera = "/dev/video0";
    unsigned width = 320;
    unsigned height = 180;
    unsigned rate = 30;
    std::uint64_t frames = 0;  // 0: without end
    bool offload = false;
    sockaddr_in server = {};
};

struct Counts {
    std::atomic<std::uint64_t> sent = 0;
    std::atomic<std::uint64_t> answers = 0;
    std::atomic<std::uint64_t> late = 0;
};

// Shows results, each newer than the one before. One thread at a time.
class Display {
  public:
    explicit Display(Counts &counts) : counts_(counts) {}

    void show(const Result &result) {
        ++counts_.answers;
        // [newest]
        // klass:task Drop it, and count it as late, if it is not newer than what was shown.
        // Sequence numbers wrap: what is newer, their difference tells.
        if (shown_ && static_cast<std::int32_t>(result.sequence - *shown_) <= 0) {
            ++counts_.late;
            return;
        }
        // klass:end
        // [newest]
        shown_ = result.sequence;
        std::printf("%u", result.sequence);
        for (const camera_offload_keypoint &point : result.keypoints)
            std::printf(" %.9g,%.9g,%.9g", std::bit_cast<float>(point.y),
                        std::bit_cast<float>(point.x), std::bit_cast<float>(point.score));
        std::printf("\n");
        std::fflush(stdout);
    }

  private:
    Counts &counts_;
    std::optional<std::uint32_t> shown_;
};

// --- the client's own way: one thread sends, one receives

void send_frames(Camera &camera, Connection &connection, const Stop &stop, std::uint64_t frames,
                 Counts &counts) {
    while (frames == 0 || counts.sent < frames) {
        const auto taken = camera.take(stop);
        if (!taken)
            return;
        // A camera that was disturbed gives less.
        if (taken->pixels.size() != std::size_t{2} * camera.width() * camera.height()) {
            camera.give_back(taken->index);
            continue;
        }
        bool sent = false;
        try {
            sent = connection.send(*taken, camera.width(), camera.height());
        } catch (const ServerGone &) {
            camera.give_back(taken->index);
            throw;
        }
        // Only now may the camera write into this buffer again.
        camera.give_back(taken->index);
        if (!sent)
            return;
        ++counts.sent;
    }
    connection.no_more_frames();
}

// [carry]
void carry(Camera &camera, const Options &options, const Stop &quit, Display &display,
           Counts &counts) {
    // klass:task Connect; let one thread receive and show, and send in this one; end both.
    // klass:skeleton static_cast<void>(display);
    // klass:skeleton Connection connection(options.server, quit);
    // klass:skeleton send_frames(camera, connection, quit, options.frames, counts);
    const Stop over(&quit);
    Connection connection(options.server, over);
    std::exception_ptr problem;
    std::thread receiver([&] {
        try {
            while (const auto result = connection.receive())
                display.show(*result);
        } catch (...) {
            problem = std::current_exception();
        }
        over.set();
    });
    try {
        camera.skip_waiting();
        send_frames(camera, connection, over, options.frames, counts);
    } catch (...) {
        over.set();
        receiver.join();
        throw;
    }
    receiver.join();
    if (problem)
        std::rethrow_exception(problem);
    if (!quit.is_set() && (options.frames == 0 || counts.sent < options.frames))
        server_gone("the server has closed the connection", EPIPE);
    // klass:end
}
// [carry]

// --- the kernel's way

// [hand_over]
void hand_over(Camera &camera, const Options &options, const Stop &quit, Display &display) {
    // klass:task Hand camera, buffers and server to /dev/camera_offload; show what it reads.
    // klass:skeleton static_cast<void>(camera);
    // klass:skeleton static_cast<void>(quit);
    // klass:skeleton static_cast<void>(display);
    // klass:skeleton server_gone("nobody takes over " + options.camera, ENOSYS);
    const Descriptor device(open("/dev/camera_offload", O_RDONLY | O_CLOEXEC));
    if (device.get() < 0)
        fail("/dev/camera_offload");
    const auto buffers = camera.export_buffers();
    if (buffers.size() > CAMERA_OFFLOAD_MAX_BUFFERS)
        fail("the camera has too many buffers", E2BIG);
    camera_offload_start start = {};
    start.camera = camera.fd();
    start.buffers = static_cast<std::uint32_t>(buffers.size());
    for (std::size_t i = 0; i < buffers.size(); ++i)
        start.dma_bufs[i] = buffers[i].get();
    start.pixel_format = CAMERA_OFFLOAD_YUYV;
    start.width = static_cast<std::uint16_t>(camera.width());
    start.height = static_cast<std::uint16_t>(camera.height());
    start.address = options.server.sin_addr.s_addr;
    start.port = options.server.sin_port;
    camera.skip_waiting();
    if (ioctl(device.get(), CAMERA_OFFLOAD_START, &start) < 0) {
        if (errno == ECONNREFUSED || errno == EHOSTUNREACH || errno == ENETUNREACH ||
            errno == ETIMEDOUT)
            server_gone("no connection");
        fail("handing the camera over");
    }
    while (quit.wait(device.get(), POLLIN)) {
        Result result = {};
        const ssize_t got = read(device.get(), &result, sizeof(result));
        if (got == 0)
            server_gone("the offload has ended", EPIPE);
        if (got == sizeof(result))
            display.show(result);
        else if (errno != EINTR)
            fail("reading /dev/camera_offload");
    }
    // klass:end
}
// [hand_over]

// --- both

void run(const Options &options, const Stop &quit) {
    constexpr int pause_ms = 500;
    Counts counts;
    Display display(counts);
    Camera camera(options.camera, options.width, options.height, options.rate);
    do {
        try {
            if (options.offload)
                hand_over(camera, options, quit, display);
            else
                carry(camera, options, quit, display, counts);
        } catch (const ServerGone &gone) {
            if (quit.is_set())
                break;
            std::fprintf(stderr, "camera_client: %s; trying again\n", gone.what());
        }
    } while ((options.frames == 0 || counts.sent < options.frames) && quit.wait(-1, 0, pause_ms));
    std::fprintf(stderr, "camera_client: %llu frames sent, %llu answers, %llu of them late\n",
                 static_cast<unsigned long long>(counts.sent),
                 static_cast<unsigned long long>(counts.answers),
                 static_cast<unsigned long long>(counts.late));
}

// --- the command line

constexpr const char *usage =
    "usage: camera_client [OPTION]... ADDRESS:PORT\n"
    "Sends a camera's frames to a pose server, and prints a line for each result: the frame's\n"
    "number, and Y,X,SCORE of 17 joints.\n"
    "  --camera FILE   the camera (/dev/video0)\n"
    "  --size WxH      the frames' size, or what the camera has next to it (320x180)\n"
    "  --rate N        frames a second (30)\n"
    "  --frames N      end after so many\n"
    "  --offload       the kernel carries the frames: /dev/camera_offload\n";

template <class Number>
Number number(std::string_view text, Number least, Number most) {
    Number value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || value < least ||
        value > most)
        throw std::invalid_argument("\"" + std::string(text) + "\" is no number from " +
                                    std::to_string(least) + " to " + std::to_string(most));
    return value;
}

void parse_size(std::string_view text, Options &options) {
    const auto x = text.find('x');
    if (x == std::string_view::npos)
        throw std::invalid_argument("\"" + std::string(text) + "\" is no size: 320x180");
    options.width =
        number<unsigned>(text.substr(0, x), CAMERA_OFFLOAD_MIN_SIDE, CAMERA_OFFLOAD_MAX_WIDTH);
    options.height =
        number<unsigned>(text.substr(x + 1), CAMERA_OFFLOAD_MIN_SIDE, CAMERA_OFFLOAD_MAX_HEIGHT);
}

Options parse(int argc, char **argv) {
    enum : int { camera = 'c', size = 's', rate = 'r', frames = 'n', offload = 'o' };
    static const option known[] = {{"camera", required_argument, nullptr, camera},
                                   {"size", required_argument, nullptr, size},
                                   {"rate", required_argument, nullptr, rate},
                                   {"frames", required_argument, nullptr, frames},
                                   {"offload", no_argument, nullptr, offload},
                                   {nullptr, 0, nullptr, 0}};
    Options options;
    for (int found = 0; (found = getopt_long(argc, argv, "", known, nullptr)) != -1;) {
        switch (found) {
            case camera:
                options.camera = optarg;
                break;
            case size:
                parse_size(optarg, options);
                break;
            case rate:
                options.rate = number<unsigned>(optarg, 1, 1'000'000);
                break;
            case frames:
                options.frames = number<std::uint64_t>(optarg, 1, UINT64_MAX);
                break;
            case offload:
                options.offload = true;
                break;
            default:
                throw std::invalid_argument("an option that is not known");
        }
    }
    if (argc - optind != 1)
        throw std::invalid_argument("which server?");
    if (options.offload && options.frames > 0)
        throw std::invalid_argument("nobody counts the frames that the kernel carries");
    options.server = parse_address(argv[optind]);
    return options;
}

}  // namespace

int main(int argc, char **argv) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    try {
        const Stop quit(signals);
        run(parse(argc, argv), quit);
        return 0;
    } catch (const std::invalid_argument &mistake) {
        std::fprintf(stderr, "camera_client: %s\n%s", mistake.what(), usage);
        return 2;
    } catch (const std::exception &problem) {
        std::fprintf(stderr, "camera_client: %s\n", problem.what());
        return 1;
    }
}
