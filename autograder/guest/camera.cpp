// SPDX-License-Identifier: Apache-2.0
#include "guest/camera.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/videodev2.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>

namespace klass::guest {

namespace {

/** Calls, and takes back what the driver made of the structure. */
template <class Struct>
Observation control(File &file, std::uint64_t request, Struct &value, const std::string &words) {
    Observation called = file.ioctl(request, Memory::of(bytes_of_struct(value)),
                                    fmt::format("{} of {}", words, file.path()));
    if (called.ok())
        std::memcpy(&value, called.data.data(), std::min(sizeof value, called.data.size()));
    return called;
}

v4l2_buffer buffer_of(unsigned index) {
    v4l2_buffer buffer{};
    buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    buffer.memory = V4L2_MEMORY_MMAP;
    buffer.index = index;
    return buffer;
}

}  // namespace

Observation Camera::set_size(unsigned width, unsigned height) {
    v4l2_format format{};
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    format.fmt.pix.width = width;
    format.fmt.pix.height = height;
    format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
    const Observation called =
        control(file_, VIDIOC_S_FMT, format, fmt::format("VIDIOC_S_FMT {}x{} YUYV", width, height));
    width_ = format.fmt.pix.width;
    height_ = format.fmt.pix.height;
    return called;
}

Observation Camera::set_rate(unsigned rate) {
    v4l2_streamparm parameters{};
    parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    parameters.parm.capture.timeperframe = {1, rate};
    return control(file_, VIDIOC_S_PARM, parameters, fmt::format("VIDIOC_S_PARM {} fps", rate));
}

Observation Camera::ask_rate() {
    v4l2_streamparm parameters{};
    parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    const Observation called = control(file_, VIDIOC_G_PARM, parameters, "VIDIOC_G_PARM");
    const v4l2_fract &interval = parameters.parm.capture.timeperframe;
    rate_ = interval.numerator == 0
                ? 0
                : static_cast<double>(interval.denominator) / interval.numerator;
    return called;
}

Observation Camera::request_buffers(unsigned count) {
    v4l2_requestbuffers request{};
    request.count = count;
    request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    request.memory = V4L2_MEMORY_MMAP;
    const Observation called =
        control(file_, VIDIOC_REQBUFS, request, fmt::format("VIDIOC_REQBUFS {}", count));
    buffers_ = called.ok() ? request.count : 0;
    return called;
}

Observation Camera::queue(unsigned index) {
    v4l2_buffer buffer = buffer_of(index);
    return control(file_, VIDIOC_QBUF, buffer, fmt::format("VIDIOC_QBUF {}", index));
}

Observation Camera::stream(bool on) {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    return control(file_, on ? VIDIOC_STREAMON : VIDIOC_STREAMOFF, type,
                   on ? "VIDIOC_STREAMON" : "VIDIOC_STREAMOFF");
}

Observation Camera::dequeue() {
    v4l2_buffer buffer = buffer_of(0);
    const Observation called = control(file_, VIDIOC_DQBUF, buffer, "VIDIOC_DQBUF");
    taken_ = {.index = buffer.index, .sequence = buffer.sequence, .bytes = buffer.bytesused};
    return called;
}

Observation Camera::export_buffer(unsigned index) {
    v4l2_exportbuffer buffer{};
    buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    buffer.index = index;
    buffer.flags = O_RDONLY | O_CLOEXEC;
    Observation called =
        control(file_, VIDIOC_EXPBUF, buffer, fmt::format("VIDIOC_EXPBUF {}", index));
    called.extra = buffer.fd;
    return called;
}

Observation Camera::map(unsigned index) {
    v4l2_buffer buffer = buffer_of(index);
    const Observation asked =
        control(file_, VIDIOC_QUERYBUF, buffer, fmt::format("VIDIOC_QUERYBUF {}", index));
    if (!asked.ok())
        return asked;
    return file_.mmap(buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, buffer.m.offset);
}

}  // namespace klass::guest
