// SPDX-License-Identifier: Apache-2.0
/**
 * @file
 * @brief For tests: MoveNet's file, a photograph, and where its joints are, where somebody put them
 * beside the checkout: `../shared/models`. They are not the course's to hand on.
 */
#pragma once

#include <gtest/gtest.h>
#include <turbojpeg.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "pose/frame.h"
#include "util/digest.h"

namespace klass::pose {

/** Tests that are skipped where the files are not. */
class MoveNetTest : public testing::Test {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(model))
            GTEST_SKIP() << "no models/movenet_lightning.onnx beside the checkout: MoveNet, which "
                            "is not the course's to hand on, is not tested";
        expected = nlohmann::json::parse(read_file(folder / "expected.json"));
        threshold = expected["score_threshold"];
    }

    /** As libjpeg decodes it, like who wrote down where the joints are. */
    [[nodiscard]] Frame photograph() const {
        std::ifstream file(folder / "pose.jpg", std::ios::binary);
        const Bytes jpeg{std::istreambuf_iterator<char>(file), {}};
        const std::unique_ptr<void, int (*)(tjhandle)> reader(tjInitDecompress(), tjDestroy);
        int width = 0;
        int height = 0;
        int subsampling = 0;
        int colours = 0;
        EXPECT_EQ(tjDecompressHeader3(reader.get(), jpeg.data(), jpeg.size(), &width, &height,
                                      &subsampling, &colours),
                  0);
        Frame frame{.width = static_cast<unsigned>(width),
                    .height = static_cast<unsigned>(height),
                    .format = PixelFormat::bgr,
                    .pixels = {}};
        frame.pixels.resize(bytes_of_pixel(frame.format) * frame.width * frame.height);
        EXPECT_EQ(tjDecompress2(reader.get(), jpeg.data(), jpeg.size(), frame.pixels.data(), width,
                                0, height, TJPF_BGR, 0),
                  0);
        return frame;
    }

    /** As fractions of the square that the network looks at. */
    [[nodiscard]] Keypoints joints_of(std::string_view picture) const {
        Keypoints joints{};
        for (const auto &image : expected["images"]) {
            if (image["name"] != picture)
                continue;
            for (std::size_t joint = 0; joint < joints.size(); ++joint) {
                const auto &truth = image["keypoints"][joint];
                joints.at(joint) = {.y = truth[0], .x = truth[1], .score = truth[2]};
            }
            return joints;
        }
        ADD_FAILURE() << "nobody wrote down where the joints are in " << picture;
        return joints;
    }

    const std::filesystem::path folder =
        std::filesystem::path(KLASS_SOURCE_DIR).parent_path() / "shared/models";
    const std::filesystem::path model = folder / "movenet_lightning.onnx";
    nlohmann::json expected;
    float threshold = 0;  ///< a joint with a higher score was seen
};

}  // namespace klass::pose
