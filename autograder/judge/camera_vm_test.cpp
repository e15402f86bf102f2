// SPDX-License-Identifier: Apache-2.0
// The course's virtual camera (kmod/vcam) in the debug kernel: what other programs make of it, and
// whether its frames are what the host computes.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <set>

#include "guest/camera.h"
#include "guest/interface.h"
#include "judge/camera_machine.h"
#include "judge/kernel_modules.h"
#include "judge/lab.h"
#include "judge/pose_host.h"
#include "judge/random.h"
#include "kernel/kbuild.h"
#include "kernel/log.h"
#include "kernel/submission.h"
#include "pose/figure.h"
#include "util/digest.h"
#include "util/lines.h"
#include "util/subprocess.h"
#include "util/temporary_folder.h"

namespace klass::judge {
namespace {

using namespace std::chrono_literals;
using guest::Observation;
using testing::AnyOf;
using testing::ContainsRegex;
using testing::HasSubstr;

class CameraVm : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        progress = progress_to(2);
        lab = std::make_unique<Lab>(Paths::from_environment(), *progress, vm::AcceleratorWish::tcg);
        pool = std::make_unique<vm::ClonePool>(lab->snapshot({.camera = true}), 1);
    }
    static void TearDownTestSuite() {
        pool.reset();
        lab.reset();
    }

    CameraVm() : guest(clone(*pool, 7)), process(guest.process()) {}
    ~CameraVm() override {
        // The debug kernel has nothing to say against the camera, whatever the test did with it.
        EXPECT_TRUE(kernel::classify(kernel::console_lines(guest.console())).empty())
            << guest.console();
    }

    guest::Camera open_camera() {
        const Observation opened = process.open("/dev/video0", O_RDWR);
        EXPECT_TRUE(opened.ok()) << opened.line();
        return guest::Camera(process.as_file(opened, "/dev/video0"));
    }

    static inline std::unique_ptr<Progress> progress;
    static inline std::unique_ptr<Lab> lab;
    static inline std::unique_ptr<vm::ClonePool> pool;
    guest::Guest guest;
    guest::Process process;
};

void expect_ok(const Observation &observation) {
    ASSERT_TRUE(observation.ok()) << observation.line();
}

/** A program of this machine, and the libraries that it is linked with, at the same places. */
void carry_over(guest::Process &process, const std::string &program) {
    std::set<std::string> files{program};
    for_each_line(run({.argv = {"ldd", program}}).output, [&](std::string_view line) {
        const std::size_t begin = line.find('/');
        if (begin != std::string_view::npos)
            files.emplace(line.substr(begin, line.find(' ', begin) - begin));
    });
    std::set<std::string> folders;
    for (const std::string &file : files)
        for (std::size_t slash = file.find('/', 1); slash != std::string::npos;
             slash = file.find('/', slash + 1))
            folders.insert(file.substr(0, slash));
    for (const std::string &folder : folders)
        process.make_folder(folder);
    for (const std::string &file : files)
        expect_ok(process.lay_file(file, to_bytes(read_file(file)), 0755));
}

// On the lean kernel: the debugging one takes long over the largest size.
TEST_F(CameraVm, CompliesWithV4l2) {
    vm::ClonePool lean(lab->snapshot({.flavour = kernel::Flavour::fast, .camera = true}), 0);
    guest::Guest fast = clone(lean, 7);
    guest::Process there = fast.process();
    const std::string program = find_program("v4l2-compliance");
    carry_over(there, program);
    fast.set_time_limit(120s);
    const Observation ran = there.start_run({program, "-d", "/dev/video0", "-s"}).wait(120s);
    const std::string said = guest::text(ran);
    EXPECT_EQ(ran.result, 0) << said;
    EXPECT_THAT(said, HasSubstr("Failed: 0,"));
    // It loses frames where nobody is quick enough, and may have filled a buffer before the call
    // that gave it has returned: neither is a fault. It has no CREATE_BUFS: this program is older
    // than what Linux 6.12 answers there.
    for_each_line(said, [](std::string_view line) {
        if (line.find("warn:") != std::string_view::npos) {
            EXPECT_THAT(std::string(line), AnyOf(HasSubstr("got sequence number"),
                                                 HasSubstr("QBUF returned the buffer as DONE"),
                                                 HasSubstr("VIDIOC_CREATE_BUFS not supported")));
        }
    });
}

TEST_F(CameraVm, EachFrameIsTheFigureOfItsSeedAndNumber) {
    constexpr std::uint32_t seed = 0xC0FFEE;
    expect_ok(process.write_file(camera_seed, std::to_string(seed)));
    for (const auto &[width, height] :
         {std::pair{160U, 120U}, std::pair{320U, 180U}, std::pair{640U, 480U}}) {
        guest::Camera camera = open_camera();
        expect_ok(camera.set_size(width, height));
        EXPECT_EQ(camera.width(), width);
        expect_ok(camera.set_rate(100));
        expect_ok(camera.request_buffers(3));
        std::vector<Observation> maps;
        for (unsigned index = 0; index < camera.buffers(); ++index) {
            maps.push_back(camera.map(index));
            expect_ok(maps.back());
            expect_ok(camera.queue(index));
        }
        expect_ok(camera.stream(true));
        std::int64_t before = -1;
        for (int i = 0; i < 5; ++i) {
            expect_ok(camera.dequeue());
            const guest::Camera::Taken taken = camera.taken();
            EXPECT_GT(taken.sequence, before);
            before = taken.sequence;
            const Observation pixels =
                process.peek(static_cast<std::uint32_t>(maps[taken.index].result), 0, taken.bytes);
            EXPECT_EQ(pixels.got(), pose::figure_frame(seed, taken.sequence, width, height).pixels);
            expect_ok(camera.queue(taken.index));
        }
        expect_ok(camera.stream(false));
        for (const Observation &map : maps)
            process.munmap(static_cast<std::uint32_t>(map.result));
        camera.file().close();
    }
}

TEST_F(CameraVm, GivesTheSizeNextToWhatIsAsked) {
    guest::Camera camera = open_camera();
    expect_ok(camera.set_size(333, 200));
    EXPECT_EQ(camera.width(), 320U);
    EXPECT_EQ(camera.height(), 180U);
}

// As any camera, it does not wait: what falls due while no buffer waits is lost, and its number
// too.
TEST_F(CameraVm, LosesFramesThatNobodyHasABufferFor) {
    guest::Camera camera = open_camera();
    expect_ok(camera.set_size(160, 120));
    expect_ok(camera.set_rate(100));
    expect_ok(camera.request_buffers(2));
    expect_ok(camera.queue(0));
    expect_ok(camera.stream(true));
    expect_ok(camera.dequeue());
    const std::uint32_t first = camera.taken().sequence;
    expect_ok(process.sleep(200ms));
    expect_ok(camera.queue(1));
    expect_ok(camera.dequeue());
    EXPECT_GE(camera.taken().sequence, first + 10);
}

TEST_F(CameraVm, PulledOutWhileItStreamsIsGoneForEverybody) {
    guest::Camera camera = open_camera();
    expect_ok(camera.set_rate(30));
    expect_ok(camera.request_buffers(4));
    for (unsigned index = 0; index < camera.buffers(); ++index)
        expect_ok(camera.queue(index));
    expect_ok(camera.stream(true));
    expect_ok(camera.dequeue());
    guest::Process other = guest.process();
    expect_ok(other.write_file("/sys/bus/platform/drivers/vcam/unbind", "vcam"));
    EXPECT_EQ(camera.dequeue().error, ENODEV);
    EXPECT_EQ(process.stat("/dev/video0").error, ENOENT);
    expect_ok(camera.file().close());
    expect_ok(other.write_file("/sys/bus/platform/drivers/vcam/bind", "vcam"));
    guest::Camera again = open_camera();
    expect_ok(again.set_size(320, 180));
    expect_ok(again.file().close());
    expect_ok(process.unload_module("vcam"));
}

// Whatever works with the one camera works with any: the kernel has another one to try it with.
TEST_F(CameraVm, ClientAndModuleTakeFramesFromTheKernelsOwnTestCamera) {
    const kernel::Kernel &kernel = lab->kernel(kernel::Flavour::debug);
    for (const kernel::BuiltModule &module : own_modules(kernel, {"vivid"})) {
        const Observation loaded = process.load_module(
            module.name, module.image, module.name == "vivid" ? "n_devs=1 node_types=1" : "");
        EXPECT_TRUE(loaded.ok() || loaded.error == EEXIST) << loaded.line();
    }
    const TemporaryFolder folder("vivid");
    const kernel::KbuildResult build =
        kernel::build_modules(kernel,
                              kernel::Submission::from_folder(Paths::from_environment().course /
                                                              "solutions" / "07-camera-offload"),
                              folder.path(), {"camera_offload"}, {.programs = {"camera_client"}});
    ASSERT_TRUE(build.ok) << build.error;
    Trial trial(guest, build.modules, Random(5, "vivid"), kernel::Flavour::debug, build.programs);
    PoseHost host(trial);
    const std::string client = trial.install("camera_client");
    trial.load("camera_offload");
    for (const std::string way : {"", "--offload "}) {
        guest::Process runner = guest.process();
        guest::Pending run = runner.start_run(
            {"/bin/sh", "-c",
             fmt::format("{} --camera /dev/video1 {}{} & echo $! >/tmp/pid; wait $!", client, way,
                         host.address())});
        PoseConnection connection = host.accept();
        Bytes before;
        for (int i = 0; i < 4; ++i) {
            const pose::Frame frame = connection.frame();
            EXPECT_EQ(frame.width, 320U);
            EXPECT_EQ(frame.height, 180U);
            EXPECT_GT(std::set<std::uint8_t>(frame.pixels.begin(), frame.pixels.end()).size(), 9U);
            // Its picture moves, and has a clock in it.
            EXPECT_NE(frame.pixels, before);
            before = frame.pixels;
            connection.answer(frame, host.random_keypoints());
        }
        expect_ok(process.run({"/bin/sh", "-c", "sleep 0.3; kill -TERM $(cat /tmp/pid)"}));
        connection.expect_end(2s);
        const Observation ran = run.wait();
        EXPECT_EQ(ran.result, 0) << guest::text(ran);
        EXPECT_THAT(guest::text(ran), ContainsRegex("[0-9]+( [0-9.e-]+,[0-9.e-]+,[0-9.e-]+){17}"));
    }
    trial.unload("camera_offload");
}

/** A guest's TCP, up, and the process at the other end of it. */
class OwnNetworkVm : public CameraVm {
  protected:
    OwnNetworkVm() : network(guest.machine().own_network()), listener(network.listen(0)) {
        guest::Interface interface(process.as_file(process.socket(AF_INET, SOCK_DGRAM, 0), "eth0"),
                                   "eth0");
        expect_ok(interface.set_address(vm::OwnNetwork::guest_address));
        expect_ok(interface.set_netmask());
        expect_ok(interface.set_up(true));
    }

    Observation connect(guest::File &socket, std::uint16_t port) {
        return socket.connect(guest::socket_address(vm::OwnNetwork::host_address, port),
                              fmt::format("the host's port {}", port));
    }
    guest::File tcp_socket() {
        return process.as_file(process.socket(AF_INET, SOCK_STREAM, 0), "a TCP socket");
    }

    vm::OwnNetwork &network;
    ScopedFd listener;
};

TEST_F(OwnNetworkVm, CarriesBytesBothWaysAndTheEnd) {
    guest::File socket = tcp_socket();
    expect_ok(connect(socket, vm::port_of(listener.get())));
    const ScopedFd ours(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    ASSERT_TRUE(ours.valid());
    const Bytes bytes = Random(5, "bytes").bytes(200000);
    EXPECT_EQ(send(ours.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    Bytes came;
    while (came.size() < bytes.size()) {
        const Observation read = socket.read(65536);
        ASSERT_GT(read.result, 0) << read.line();
        const Bytes piece = read.got();
        came.insert(came.end(), piece.begin(), piece.end());
    }
    EXPECT_EQ(came, bytes);
    expect_ok(socket.write(to_bytes("and back")));
    std::array<char, 100> text{};
    EXPECT_EQ(recv(ours.get(), text.data(), text.size(), 0), 8);
    expect_ok(socket.close());
    EXPECT_EQ(recv(ours.get(), text.data(), text.size(), 0), 0);
}

TEST_F(OwnNetworkVm, RefusesWhereNobodyListens) {
    const std::uint16_t port = vm::port_of(listener.get());
    listener.reset();
    guest::File socket = tcp_socket();
    EXPECT_EQ(connect(socket, port).error, ECONNREFUSED);
    listener = network.listen(port);
    guest::File another = tcp_socket();
    expect_ok(connect(another, port));
}

// The machine's own loopback, where its owner's programs listen, is another network.
TEST_F(OwnNetworkVm, ReachesNothingOfTheMachines) {
    const ScopedFd machines(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in any = {};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_ANY);
    ASSERT_EQ(bind(machines.get(), reinterpret_cast<const sockaddr *>(&any), sizeof any), 0);
    ASSERT_EQ(listen(machines.get(), 1), 0);
    guest::File socket = tcp_socket();
    EXPECT_EQ(connect(socket, vm::port_of(machines.get())).error, ECONNREFUSED);
}

}  // namespace
}  // namespace klass::judge
