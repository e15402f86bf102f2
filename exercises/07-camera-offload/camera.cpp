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

void Camera::negotiate(unsigned width, unsigned height, unsigned rate) {
    // TODO: Ask for YUYV of this size and rate, and keep the size that the camera makes of it.
    static_cast<void>(rate);
    width_ = width;
    height_ = height;
}

void Camera::map_buffers() {
    // TODO: Ask for buffers, map each, and queue it.
}

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
    // TODO: Dequeue a buffer, if there is one.
    fail("the camera", ENOSYS);
}

std::optional<Taken> Camera::take(const Stop &stop) {
    while (stop.wait(fd_.get(), POLLIN))
        if (auto taken = try_to_take())
            return taken;
    return std::nullopt;
}

void Camera::give_back(unsigned index) {
    // TODO: Queue the buffer again.
    static_cast<void>(buffer_of(index));
}

void Camera::skip_waiting() {
    while (const auto taken = try_to_take())
        give_back(taken->index);
}
