// SPDX-License-Identifier: Apache-2.0
#include "stages/camera_offload/server.h"

#include <camera_offload_wire.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "pose/wire.h"
#include "stages/camera_offload/frames.h"

namespace klass::stages::camera {

using namespace std::chrono_literals;
using judge::PoseConnection;
using judge::Trial;

std::string text_of(const pose::Keypoint &joint) {
    return fmt::format("{},{},{}", joint.y, joint.x, joint.score);
}

std::array<pose::Frame, 2> once_round(const pose::Frame &frame) {
    constexpr std::uint32_t almost_half = INT32_MAX;
    std::array<pose::Frame, 2> frames{frame, frame};
    frames[0].sequence += almost_half;
    frames[1].sequence = frames[0].sequence + almost_half;
    return frames;
}

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

}  // namespace klass::stages::camera
