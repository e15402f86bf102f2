// SPDX-License-Identifier: Apache-2.0
#include "pose/png.h"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "util/error.h"

namespace klass::pose {

namespace {

std::uint8_t channel(double value) {
    return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

/** ITU-R BT.601, studio range: what PixelFormat::yuyv means. */
void append_bgr(Bytes &bgr, std::uint8_t luma, std::uint8_t blue, std::uint8_t red) {
    const double y = 1.164 * (luma - 16);
    const double u = blue - 128;
    const double v = red - 128;
    bgr.push_back(channel(y + 2.018 * u));
    bgr.push_back(channel(y - 0.391 * u - 0.813 * v));
    bgr.push_back(channel(y + 1.596 * v));
}

Bytes bgr_pixels(const Frame &frame) {
    if (frame.format == PixelFormat::bgr)
        return frame.pixels;
    Bytes bgr;
    bgr.reserve(frame.pixels.size() / 2 * 3);
    for (std::size_t at = 0; at + 3 < frame.pixels.size(); at += 4) {
        append_bgr(bgr, frame.pixels[at], frame.pixels[at + 1], frame.pixels[at + 3]);
        append_bgr(bgr, frame.pixels[at + 2], frame.pixels[at + 1], frame.pixels[at + 3]);
    }
    return bgr;
}

}  // namespace

Bytes png_of(const Frame &frame) {
    if (frame.pixels.size() !=
        std::size_t{frame.width} * frame.height * bytes_of_pixel(frame.format))
        throw GraderFault("a frame whose pixels are not as many as it says");
    const Bytes bgr = bgr_pixels(frame);
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = frame.width;
    image.height = frame.height;
    image.format = PNG_FORMAT_BGR;
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    Bytes png(size);
    if (png_image_write_to_memory(&image, png.data(), &size, 0, bgr.data(), 0, nullptr) == 0)
        throw GraderFault(std::string("libpng gave up on a frame: ") + image.message);
    png.resize(size);
    return png;
}

}  // namespace klass::pose
