// SPDX-License-Identifier: Apache-2.0
// A V4L2 camera whose buffers are mapped: Linux's media API, "Streaming I/O (Memory Mapping)".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "descriptor.hpp"

// A frame in a buffer that is ours until give_back().
struct Taken {
    unsigned index = 0;
    std::uint32_t sequence = 0;
    std::uint64_t timestamp_ns = 0;
    std::span<const std::uint8_t> pixels;
};

class Camera {
  public:
    // Opens it, and asks for YUYV of about this size and rate; what came of it is in width() and
    // height().
    Camera(const std::string &path, unsigned width, unsigned height, unsigned rate);
    Camera(const Camera &) = delete;
    Camera &operator=(const Camera &) = delete;
    ~Camera();

    // Waits for a frame. Nothing when stop is set. Throws when the camera is gone.
    std::optional<Taken> take(const Stop &stop);
    void give_back(unsigned index);
    // Frames that wait are old: their buffers go back unseen.
    void skip_waiting();

    [[nodiscard]] unsigned width() const { return width_; }
    [[nodiscard]] unsigned height() const { return height_; }
    [[nodiscard]] int fd() const { return fd_.get(); }
    // A dma-buf for each buffer, by its index.
    [[nodiscard]] std::vector<Descriptor> export_buffers() const;

  private:
    void negotiate(unsigned width, unsigned height, unsigned rate);
    void map_buffers();
    std::optional<Taken> try_to_take();

    Descriptor fd_;
    unsigned width_ = 0;
    unsigned height_ = 0;
    std::vector<std::span<std::uint8_t>> buffers_;
};
