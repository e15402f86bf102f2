// SPDX-License-Identifier: Apache-2.0
#include "camera.hpp"

#include "camera_offload_wire.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

namespace {

constexpr unsigned wanted_buffers = 20;

void control(int fd, unsigned long request, void *argument, const char *what) {
    while (ioctl(fd, request, argument) < 0)
        if (errno != EINTR)
            fail(what);
}

v4l2_buffer buffer_of(unsigned index) {
    v4l2_buffer buffer = {};
    buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    buffer.memory = V4L2_MEMORY_MMAP;
    buffer.index = index;
    return buffer;
}

}  // namespace

Camera::Camera(const std::string &path, unsigned width, unsigned height, unsigned rate)
    : fd_(open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)) {
    if (fd_.get() < 0)
        fail(path);
    v4l2_capability capability = {};
    control(fd_.get(), VIDIOC_QUERYCAP, &capability, "VIDIOC_QUERYCAP");
    if (!(capability.device_caps & V4L2_CAP_VIDEO_CAPTURE) ||
        !(capability.device_caps & V4L2_CAP_STREAMING))
        fail(path + " is no camera that streams", ENOTSUP);
    negotiate(width, height, rate);
    map_buffers();
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    control(fd_.get(), VIDIOC_STREAMON, &type, "VIDIOC_STREAMON");
}

Camera::~Camera() {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    ioctl(fd_.get(), VIDIOC_STREAMOFF, &type);
    for (const auto &buffer : buffers_)
        munmap(buffer.data(), buffer.size());
}

// [negotiate]
void Camera::negotiate(unsigned width, unsigned height, unsigned rate) {
    // klass:task Ask for YUYV of this size and rate, and keep the size that the camera makes of it.
    // klass:skeleton static_cast<void>(rate);
    // klass:skeleton width_ = width;
    // klass:skeleton height_ = height;
    v4l2_format format = {};
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    format.fmt.pix.width = width;
    format.fmt.pix.height = height;
    format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
    format.fmt.pix.field = V4L2_FIELD_NONE;
    control(fd_.get(), VIDIOC_S_FMT, &format, "VIDIOC_S_FMT");
    // The driver answers with what comes nearest, which need not be what was asked.
    const v4l2_pix_format &pix = format.fmt.pix;
    if (pix.pixelformat != V4L2_PIX_FMT_YUYV || pix.bytesperline != pix.width * 2)
        fail("the camera has no YUYV without gaps", ENOTSUP);
    if (pix.width < CAMERA_OFFLOAD_MIN_SIDE || pix.width > CAMERA_OFFLOAD_MAX_WIDTH ||
        pix.height < CAMERA_OFFLOAD_MIN_SIDE || pix.height > CAMERA_OFFLOAD_MAX_HEIGHT)
        fail("the server takes no such frames", ENOTSUP);
    width_ = pix.width;
    height_ = pix.height;

    v4l2_streamparm parameters = {};
    parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    parameters.parm.capture.timeperframe = {1, rate};
    // Not every camera can be asked for its rate.
    ioctl(fd_.get(), VIDIOC_S_PARM, &parameters);
    // klass:end
}
// [negotiate]

// [buffers]
void Camera::map_buffers() {
    // klass:task Ask for buffers, map each, and queue it.
    v4l2_requestbuffers request = {};
    request.count = wanted_buffers;
    request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    request.memory = V4L2_MEMORY_MMAP;
    control(fd_.get(), VIDIOC_REQBUFS, &request, "VIDIOC_REQBUFS");
    for (unsigned index = 0; index < request.count; ++index) {
        v4l2_buffer buffer = buffer_of(index);
        control(fd_.get(), VIDIOC_QUERYBUF, &buffer, "VIDIOC_QUERYBUF");
        void *memory = mmap(nullptr, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(),
                            static_cast<off_t>(buffer.m.offset));
        if (memory == MAP_FAILED)
            fail("mmap of a buffer");
        buffers_.emplace_back(static_cast<std::uint8_t *>(memory), buffer.length);
        give_back(index);
    }
    // klass:end
}
// [buffers]

std::vector<Descriptor> Camera::export_buffers() const {
    std::vector<Descriptor> exported;
    for (unsigned index = 0; index < buffers_.size(); ++index) {
        v4l2_exportbuffer buffer = {};
        buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        buffer.index = index;
        buffer.flags = O_CLOEXEC | O_RDONLY;
        control(fd_.get(), VIDIOC_EXPBUF, &buffer, "VIDIOC_EXPBUF");
        exported.emplace_back(buffer.fd);
    }
    return exported;
}

std::optional<Taken> Camera::try_to_take() {
    // klass:task Dequeue a buffer, if there is one.
    // klass:skeleton fail("the camera", ENOSYS);
    v4l2_buffer buffer = buffer_of(0);
    while (ioctl(fd_.get(), VIDIOC_DQBUF, &buffer) < 0) {
        if (errno == EAGAIN)
            return std::nullopt;
        if (errno != EINTR)
            fail("the camera");
    }
    const auto seconds = static_cast<std::uint64_t>(buffer.timestamp.tv_sec);
    const auto microseconds = static_cast<std::uint64_t>(buffer.timestamp.tv_usec);
    return Taken{.index = buffer.index,
                 .sequence = buffer.sequence,
                 .timestamp_ns = seconds * 1'000'000'000 + microseconds * 1000,
                 .pixels = buffers_[buffer.index].first(buffer.bytesused)};
    // klass:end
}

std::optional<Taken> Camera::take(const Stop &stop) {
    while (stop.wait(fd_.get(), POLLIN))
        if (auto taken = try_to_take())
            return taken;
    return std::nullopt;
}

void Camera::give_back(unsigned index) {
    // klass:task Queue the buffer again.
    // klass:skeleton static_cast<void>(buffer_of(index));
    v4l2_buffer buffer = buffer_of(index);
    control(fd_.get(), VIDIOC_QBUF, &buffer, "VIDIOC_QBUF");
    // klass:end
}

void Camera::skip_waiting() {
    while (const auto taken = try_to_take())
        give_back(taken->index);
}
