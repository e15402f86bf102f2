// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief A V4L2 camera of the guest whose buffers are mapped: the ioctls of linux/videodev2.h.
 */
#pragma once

#include <cstdint>
#include <vector>

#include "guest/process.h"

namespace klass::guest {

/** A camera that a process of the guest has open. What it shows is YUYV. */
class Camera {
  public:
    explicit Camera(File file) : file_(std::move(file)) {}

    /** VIDIOC_S_FMT; width() and height() are then what the driver made of it. */
    Observation set_size(unsigned width, unsigned height);
    /** VIDIOC_S_PARM: frames a second. */
    Observation set_rate(unsigned rate);
    /** VIDIOC_G_PARM: rate() is then what the driver says. */
    Observation ask_rate();
    /** VIDIOC_REQBUFS; 0 gives them back. buffers() is what the driver made of it. */
    Observation request_buffers(unsigned count);
    /** VIDIOC_QBUF. */
    Observation queue(unsigned index);
    /** VIDIOC_STREAMON, VIDIOC_STREAMOFF. */
    Observation stream(bool on);
    /** VIDIOC_DQBUF: with success, taken() says what came. */
    Observation dequeue();
    /** VIDIOC_EXPBUF: extra is the descriptor of a dma-buf. */
    Observation export_buffer(unsigned index);
    /** VIDIOC_QUERYBUF and mmap(2); result is a handle, for Process::peek(). */
    Observation map(unsigned index);

    /** A frame that was dequeued. */
    struct Taken {
        unsigned index = 0;  ///< of its buffer
        std::uint32_t sequence = 0;
        std::uint32_t bytes = 0;
    };
    [[nodiscard]] const Taken &taken() const { return taken_; }
    [[nodiscard]] unsigned width() const { return width_; }    ///< pixels
    [[nodiscard]] unsigned height() const { return height_; }  ///< pixels
    [[nodiscard]] double rate() const { return rate_; }        ///< frames a second
    [[nodiscard]] unsigned buffers() const { return buffers_; }
    File &file() { return file_; }
    [[nodiscard]] int fd() const { return file_.fd(); }

  private:
    File file_;
    unsigned width_ = 0;
    unsigned height_ = 0;
    double rate_ = 0;
    unsigned buffers_ = 0;
    Taken taken_;
};

}  // namespace klass::guest
